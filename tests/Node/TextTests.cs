using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Reading;
using FtpActors.Node.Text;
using FtpActors.Protocol;

namespace FtpActors.Node.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData("/home/alice/report.pdf", "/home/alice/report.pdf")]
    [InlineData("\x1B[2Jgone", "\\x1B[2Jgone")]
    [InlineData("two\nlines\r\t", "two\\x0Alines\\x0D\\x09")]
    [InlineData("\u202Egpj.exe", "\\xE2\\x80\\xAEgpj.exe")]
    [InlineData("\u009B31m", "\\xC2\\x9B31m")]
    [InlineData("Größe 大", "Größe 大")]
    public void What_a_terminal_would_act_on_is_made_visible(string text, string shown) => Assert.Equal(shown, Visible.Of(text));

    [Fact]
    public void Nothing_that_is_shown_can_move_the_cursor_and_all_of_it_can_be_pasted_back() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var shown = Visible.Of(ReversibleText.FromBytes(bytes));
            return shown.All(c => !char.IsControl(c)) && ReversibleText.ToBytes(shown).AsSpan().SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.0 MB")]
    [InlineData(4_627_440, "4.6 MB")]
    [InlineData(long.MaxValue, "9.2 EB")]
    public void Bytes_have_three_figures_and_a_prefix(long bytes, string text) => Assert.Equal(text, Units.Bytes(bytes));

    [Theory]
    [InlineData(null, "x", true)]
    [InlineData("x", null, false)]
    [InlineData("/a/*", "/a/b", true)]
    [InlineData("/a/*", "/b/a/", false)]
    [InlineData("*.pdf", "x.pdf", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*b*c", "a-c-b-c", true)]
    [InlineData("a[1]?", "a[1]?", true)]
    [InlineData("**", "", true)]
    public void A_star_stands_for_any_characters_and_nothing_else_is_special(string? pattern, string? text, bool fits) =>
        Assert.Equal(fits, EventMatch.Matches(pattern, text));
}
