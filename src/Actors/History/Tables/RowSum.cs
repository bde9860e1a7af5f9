using System.Buffers;
using System.Linq.Expressions;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>A row that carries a checksum of its other columns.</summary>
internal interface ISummedRow
{
    /// <summary>The checksum as it is stored, of all columns but the fixed ones.</summary>
    long Sum { get; }

    /// <summary>The checksum of the fixed columns; 0 when there are none.</summary>
    long FixedSum => 0;

    /// <summary>Columns that an update leaves as they were first written: a later row of the same key may lack what is in them.</summary>
    static virtual IReadOnlyList<string> Fixed => [];
}

/// <summary>The checksums of a row (CRC-32C over its key and its columns, in the order of the mapping): a changed digit is found when the row is read.</summary>
internal static class RowSum<T>
    where T : class, ISummedRow
{
    private static readonly bool HasFixed = T.Fixed.Count > 0;
    private static readonly Func<T, uint> Compute = Compile(isFixed: false);
    private static readonly Func<T, uint> ComputeFixed = Compile(isFixed: true);

    /// <summary>What the checksum has to be.</summary>
    public static long Of(T row) => Compute(row);

    /// <summary>What the checksum of the fixed columns has to be.</summary>
    public static long OfFixed(T row) => ComputeFixed(row);

    /// <summary>Whether the row is as it was written.</summary>
    public static bool IsWhole(T row) => row.Sum == Compute(row) && (!HasFixed || row.FixedSum == ComputeFixed(row));

    /// <summary>What gives a column's value: a checksum is computed.</summary>
    public static Expression Value(ColumnDescriptor column, ParameterExpression row) => column.MemberName switch
    {
        nameof(ISummedRow.Sum) => Expression.Call(((Func<T, long>)Of).Method, row),
        nameof(ISummedRow.FixedSum) => Expression.Call(((Func<T, long>)OfFixed).Method, row),
        var name => Expression.Property(row, name),
    };

    /// <summary>Its table and key, as far as they can be believed.</summary>
    public static string PlaceOf(T row)
    {
        var table = MappingSchema.Default.GetEntityDescriptor(typeof(T));
        return $"{table.Name.Name} {string.Join('/', table.Columns.Where(c => c.IsPrimaryKey).OrderBy(c => c.PrimaryKeyOrder).Select(c => c.MemberAccessor.GetValue(row)))}";
    }

    private static Func<T, uint> Compile(bool isFixed)
    {
        var row = Expression.Parameter(typeof(T));
        var sum = MappingSchema.Default.GetEntityDescriptor(typeof(T)).Columns.Where(c => c.IsPrimaryKey
            || (T.Fixed.Contains(c.ColumnName) == isFixed && c.MemberName is not (nameof(ISummedRow.Sum) or nameof(ISummedRow.FixedSum)))).Aggregate(
            (Expression)Expression.Constant(~0u), (before, column) => Expression.Call(typeof(SumParts), nameof(SumParts.Add), null, before, Expression.Property(row, column.MemberName)));
        return Expression.Lambda<Func<T, uint>>(sum, row).Compile();
    }
}

/// <summary>Adds one column to a checksum; each is told from the others by what stands before it.</summary>
internal static class SumParts
{
    private const byte Null = 0;
    private const byte Number = 1;
    private const byte Text = 2;

    public static uint Add(uint sum, int value) => Add(sum, (long)value);

    public static uint Add(uint sum, int? value) => Add(sum, (long?)value);

    public static uint Add(uint sum, long value) => BitOperations.Crc32C(BitOperations.Crc32C(sum, Number), (ulong)value);

    public static uint Add(uint sum, long? value) => value is { } known ? Add(sum, known) : BitOperations.Crc32C(sum, Null);

    // SQLite stores a negative zero as a zero.
    public static uint Add(uint sum, double value) => Add(sum, BitConverter.DoubleToInt64Bits(value + 0.0));

    public static uint Add(uint sum, double? value) => value is { } known ? Add(sum, known) : BitOperations.Crc32C(sum, Null);

    // Of the bytes that are stored: a text that is no valid one is read back as another.
    public static uint Add(uint sum, string? text)
    {
        if (text is null)
            return BitOperations.Crc32C(sum, Null);
        text = StoredText.Of(text);
        sum = BitOperations.Crc32C(sum, Text);
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 512)
        {
            Span<byte> small = stackalloc byte[512];
            return Add(sum, small[..Encoding.UTF8.GetBytes(text, small)]);
        }
        var rented = ArrayPool<byte>.Shared.Rent(most);
        sum = Add(sum, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return sum;
    }

    private static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        sum = BitOperations.Crc32C(sum, (uint)bytes.Length);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            sum = BitOperations.Crc32C(sum, word);
        foreach (var one in bytes[(words.Length * sizeof(ulong))..])
            sum = BitOperations.Crc32C(sum, one);
        return sum;
    }
}
