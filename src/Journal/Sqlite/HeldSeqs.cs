using System.Text.Json;

namespace FtpActors.Journal.Sqlite;

/// <summary>Held seqs of a checkpoint as a JSON array.</summary>
internal static class HeldSeqs
{
    public static ReadOnlySpan<byte> Write(IReadOnlyList<long> held) => held.Count == 0 ? "[]"u8 : JsonSerializer.SerializeToUtf8Bytes(held);

    public static IReadOnlyList<long> Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<long[]>(json) ?? [];
}
