using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary>What a node is asked, and its answer as a table.</summary>
/// <param name="Path">Path of the API.</param>
/// <param name="Parameters">Parameters; those without a value are left out.</param>
/// <param name="Columns">Columns of the table.</param>
/// <param name="None">What to say when there is nothing.</param>
internal sealed record NodeQuestion(string Path, IReadOnlyList<(string, string?)> Parameters, IReadOnlyList<Column<JsonElement>> Columns, string None);
