using System.Text;

namespace FtpActors.Node.Text;

/// <summary>One column of a table.</summary>
/// <param name="Header">Its heading.</param>
/// <param name="Value">Its text for a row; it is made visible here, not by the caller.</param>
/// <param name="Right">Figures stand to the right.</param>
/// <param name="Width">Least width in cells.</param>
internal sealed record Column<T>(string Header, Func<T, string> Value, bool Right = false, int Width = 0);

/// <summary>
/// Rows as aligned text. The first rows decide the widths; later ones keep them as far as they fit, so a long answer takes no memory. The last
/// column is as wide as it is, never cut.
/// </summary>
/// <param name="line">Takes each line.</param>
/// <param name="columns">The columns.</param>
/// <param name="decide">How many rows decide the widths.</param>
internal sealed class TextTable<T>(Action<string> line, IReadOnlyList<Column<T>> columns, int decide)
{
    private readonly Output? _output;
    private readonly List<string[]> _first = [];
    private readonly int[] _widths = [.. columns.Select(c => Math.Max(c.Width, c.Header.Length))];
    private bool _decided;

    /// <summary>A table on standard output, which is flushed at its end.</summary>
    public TextTable(Output output, IReadOnlyList<Column<T>> columns, int decide) : this(output.Line, columns, decide) => _output = output;

    public int Rows { get; private set; }

    /// <summary>Adds a row; it is written at once when the widths are decided.</summary>
    public void Add(T row)
    {
        Rows++;
        string[] cells = [.. columns.Select(c => Visible.Of(c.Value(row)))];
        if (_decided)
        {
            Write(cells);
            return;
        }
        _first.Add(cells);
        if (_first.Count >= decide)
            Decide();
    }

    /// <summary>Writes what still waits. A table without rows has no heading.</summary>
    public void Finish()
    {
        if (!_decided && _first.Count > 0)
            Decide();
        _output?.Flush();
    }

    private void Decide()
    {
        _decided = true;
        for (var i = 0; i < _widths.Length; i++)
            _widths[i] = Math.Max(_widths[i], _first.Max(cells => Visible.Width(cells[i])));
        Write([.. columns.Select(c => c.Header)]);
        foreach (var cells in _first)
            Write(cells);
        _first.Clear();
    }

    private void Write(string[] cells)
    {
        var text = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            var pad = Math.Max(0, _widths[i] - Visible.Width(cells[i]));
            if (columns[i].Right)
                text.Append(' ', pad).Append(cells[i]);
            else
                text.Append(cells[i]).Append(' ', pad);
            text.Append("  ");
        }
        line(text.ToString().TrimEnd());
    }
}
