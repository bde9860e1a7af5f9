using System.Text.Json;

namespace FtpActors.Protocol.Traffic;

/// <summary>
/// What a plan has handed out to be sent. Uploads, downloads and bytes are counted once per message, however often it was sent, and in the
/// way sessions count them, so the journal must come to the same figures.
/// </summary>
/// <param name="Messages">Messages, duplicates included.</param>
/// <param name="Distinct">Messages, duplicates left out.</param>
/// <param name="Sessions">Sessions (logins).</param>
/// <param name="Uploads">Uploads with status OK.</param>
/// <param name="Downloads">Downloads with status OK.</param>
/// <param name="BytesUp">Bytes of all uploads, also of those that failed.</param>
/// <param name="BytesDown">Bytes of all downloads, also of those that failed.</param>
public readonly record struct TrafficTotals(
    long Messages, long Distinct, long Sessions, long Uploads, long Downloads, long BytesUp, long BytesDown)
{
    /// <summary>Writes one object with the names messages, distinct, sessions, uploads, downloads, bytes_up, bytes_down.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("messages"u8, Messages);
        json.WriteNumber("distinct"u8, Distinct);
        json.WriteNumber("sessions"u8, Sessions);
        json.WriteNumber("uploads"u8, Uploads);
        json.WriteNumber("downloads"u8, Downloads);
        json.WriteNumber("bytes_up"u8, BytesUp);
        json.WriteNumber("bytes_down"u8, BytesDown);
        json.WriteEndObject();
    }
}
