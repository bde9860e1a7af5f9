using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>The highest journal row of a handler that was written.</summary>
[Table("handler_position")]
internal sealed record PositionRow : ISummedRow
{
    [Column("handler"), PrimaryKey] public int Handler { get; init; }
    [Column("row")] public long Row { get; init; }
    [Column("sum")] public long Sum { get; init; }
}

/// <summary>How the tables are laid out; one row.</summary>
[Table("schema_version")]
internal sealed class VersionRow
{
    [Column("version"), PrimaryKey] public int Version { get; init; }
}
