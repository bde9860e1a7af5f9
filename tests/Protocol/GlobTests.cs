using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.Globs;

namespace FtpActors.Protocol.Tests;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.avi", "/a/b/film.avi", true)]
    [InlineData("*.avi", "/a/b/film.AVI", false)]
    [InlineData("*.avi", "/a.avi/film.txt", false)]
    [InlineData("film", "/a/film/", true)]
    [InlineData("/incoming/**", "/incoming/", true)]
    [InlineData("/incoming/**", "/incoming/a/b", true)]
    [InlineData("/incoming/**", "/incoming", false)]
    [InlineData("/incoming/*", "/incoming/a/b", false)]
    [InlineData("/a/**/b", "/a/b", true)]
    [InlineData("/a/**/b", "/a/x/y/b", true)]
    [InlineData("/a/**/b", "/a/xb", false)]
    [InlineData("**/b", "b", true)]
    [InlineData("/a/**/**/*.txt", "/a/x.txt", true)]
    [InlineData("/a?c", "/a/c", false)]
    [InlineData("/a?c", "/a😀c", true)]
    [InlineData("/a??c", "/a😀c", false)]
    [InlineData("/a[!x]c", "/a/c", false)]
    [InlineData("/[a-c]/[]x]", "/b/]", true)]
    [InlineData(@"/\*", "/*", true)]
    [InlineData(@"/\*", "/x", false)]
    [InlineData("*.{jpg,png}", "/a/x.jpg", true)]
    [InlineData("*.{jpg,png}", "/a/x.png", true)]
    [InlineData("*.{jpg,png}", "/a/x.{jpg,png}", false)]
    [InlineData("*.{jp{e,}g,tif{,f}}", "/a/x.jpg", true)]
    [InlineData("*.{jp{e,}g,tif{,f}}", "/a/x.jpeg", true)]
    [InlineData("*.{jp{e,}g,tif{,f}}", "/a/x.tiff", true)]
    [InlineData("*.{jp{e,}g,tif{,f}}", "/a/x.ti", false)]
    [InlineData("{/in/*,*.csv}", "/out/a.csv", true)]
    [InlineData("{/in/*,*.csv}", "/in/a", true)]
    [InlineData("/{only}/*", "/{only}/a", true)]
    [InlineData(@"\{a,b}", "/x/{a,b}", true)]
    [InlineData("[{]a", "/x/{a", true)]
    [InlineData("a}", "/x/a}", true)]
    public void A_path_pattern_says_what_its_documentation_says(string pattern, string path, bool fits) =>
        Assert.Equal(fits, Glob.ForPath(pattern).IsMatch(path));

    [Fact]
    public void One_byte_that_is_no_text_is_one_character_and_can_be_named()
    {
        var name = ReversibleText.FromBytes([(byte)'/', (byte)'a', 0xE9, (byte)'\\', (byte)'b']);
        Assert.True(Glob.ForPath("/a??b").IsMatch(name));
        Assert.True(Glob.ForPath(@"/a\xE9\\b").IsMatch(name));
        Assert.False(Glob.ForPath("/a?b").IsMatch(name));
    }

    [Fact]
    public void Case_counts_unless_the_rule_says_otherwise()
    {
        Assert.True(Glob.ForPath("*/X?Z*.Avi", ignoreCase: true).IsMatch("q/xYz1.aVI"));
        Assert.True(Glob.ForName("[A-C]ob", ignoreCase: true).IsMatch("bOB"));
    }

    [Fact]
    public void A_star_in_a_name_crosses_slashes() => Assert.True(Glob.ForName("a*z").IsMatch("a/b/z"));

    [Theory]
    [InlineData("")]
    [InlineData("a[b")]
    [InlineData("*.{jpg,png")]
    [InlineData("{a,{b,c}")]
    [InlineData("{a")]
    [InlineData("{,a}")]
    [InlineData("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")]
    [InlineData("a[z-a]")]
    [InlineData(@"a\")]
    public void A_pattern_that_cannot_be_meant_is_refused(string pattern) => Assert.Throws<FormatException>(() => Glob.ForPath(pattern));

    [Fact]
    public void Any_pattern_agrees_with_the_plain_definition()
    {
        var piece = Gen.Elements("a", "b", "/", "*", "**", "**/", "?", "[ab]", "[!a]", "😀", "é", "/");
        var unit = Gen.Elements("a", "b", "/", "a", "é", "😀", "c");
        var cases = from longer in Gen.Elements("", new string('a', 70))
                    from pattern in piece.ListOf().Where(p => p.Count is > 0 and < 9)
                    from text in unit.ListOf().Where(t => t.Count < 10)
                    select (Pattern: string.Concat(pattern) + longer, Text: string.Concat(text) + longer);
        Prop.ForAll(cases.ToArbitrary(), c => new[] { c.Text, "/a" + c.Text }.All(text =>
            Glob.ForPath(c.Pattern).IsMatch(text) == Reference.Fits(c.Pattern, text)).Label($"{c.Pattern} on {c.Text}"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void A_pattern_made_to_backtrack_takes_linear_time()
    {
        var glob = Glob.ForPath(string.Concat(Enumerable.Repeat("*a", 200)) + "b*?b");
        var text = new string('a', 200_000) + "c";
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(glob.IsMatch("x" + text + "b"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }

    // The definition, written for clearness: tries every way.
    private static class Reference
    {
        public static bool Fits(string pattern, string text)
        {
            if (!pattern.Contains('/'))
            {
                if (text.Length > 1 && text[^1] == '/')
                    text = text[..^1];
                text = text[(text.LastIndexOf('/') + 1)..];
            }
            return Fits(Runes(pattern), 0, Runes(text), 0, []);
        }

        private static string[] Runes(string s) => [.. s.EnumerateRunes().Select(r => r.ToString())];

        private static bool Fits(string[] p, int i, string[] t, int j, Dictionary<(int, int), bool> known)
        {
            if (known.TryGetValue((i, j), out var fits))
                return fits;
            return known[(i, j)] = Find();

            bool Find()
            {
                if (i == p.Length)
                    return j == t.Length;
                if (p[i] == "*")
                {
                    var end = i;
                    while (end < p.Length && p[end] == "*")
                        end++;
                    var crosses = end - i > 1;
                    if (crosses && (i == 0 || p[i - 1] == "/") && end < p.Length && p[end] == "/")
                        return Fits(p, end + 1, t, j, known) || Enumerable.Range(j, t.Length - j).Any(k => t[k] == "/" && Fits(p, end + 1, t, k + 1, known));
                    for (var k = j; k <= t.Length; k++)
                    {
                        if (Fits(p, end, t, k, known))
                            return true;
                        if (k < t.Length && !crosses && t[k] == "/")
                            return false;
                    }
                    return false;
                }
                if (j == t.Length)
                    return false;
                if (p[i] == "?")
                    return t[j] != "/" && Fits(p, i + 1, t, j + 1, known);
                if (p[i] == "[")
                {
                    var close = Array.IndexOf(p, "]", i);
                    var negated = p[i + 1] == "!";
                    return t[j] != "/" && p[(i + 1)..close].Skip(negated ? 1 : 0).Contains(t[j]) != negated && Fits(p, close + 1, t, j + 1, known);
                }
                return p[i] == t[j] && Fits(p, i + 1, t, j + 1, known);
            }
        }
    }
}
