using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Hocon;

namespace FtpActors.Actors.Tests;

public sealed class HoconTextTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("# nothing\n// at all\n", "{}")]
    [InlineData("a = 1 # one\nb : two words // and more", """{"a":1,"b":"two words"}""")]
    [InlineData("{ a = true, b = null, c = \"true\", d = \"5\", e = -1.5e+3, f = 10m, g = 007, h = 1 2 }",
        """{"a":true,"b":null,"c":"true","d":"5","e":-1.5e+3,"f":"10m","g":"007","h":"1 2"}""")]
    [InlineData("[ 1\n 2,\n [], {}, ]", "[1,2,[],{}]")]
    [InlineData("a.b.c = x, a.\"b.c\" = y", """{"a":{"b":{"c":"x"},"b.c":"y"}}""")]
    [InlineData("a b . c = x\n\"\" = y\n\" z \" = z", """{"a b":{"c":"x"},"":"y"," z ":"z"}""")]
    [InlineData("a { b { c = 1 } }", """{"a":{"b":{"c":1}}}""")]
    [InlineData("\"a\"\n:\n1\n,\"b\"\n{\n}", """{"a":1,"b":{}}""")]
    [InlineData("a = \"\"\"one\n\"two\\n\"\"\"\"\nb = 1", "{\"a\":\"one\\n\\\"two\\\\n\\\"\",\"b\":1}")]
    [InlineData("a = /var/log\r\nb = \"\\u00e9\\t\\\"\\/\"", "{\"a\":\"/var/log\",\"b\":\"é\\t\\\"/\"}")]
    [InlineData("include = 1, \"include\" = 2", """{"include":2}""")]
    [InlineData("\uFEFF{ a = \"${b}\" }", """{"a":"${b}"}""")]
    public void A_text_says_what_it_says(string text, string json) => Same(json, Read(text));

    [Theory]
    [InlineData("a = 1\nb = \"x\nc = \"y\"", "line 2, column 5: this quote is not closed on its line")]
    [InlineData("a = \"x", "line 1, column 5: this quote is not closed")]
    [InlineData("a = \"\"\"x\n\"\"", "line 1, column 5: these three quotes are never closed")]
    [InlineData("a {\n  b = 1\n", "line 1, column 3: this { is never closed")]
    [InlineData("a = [ 1\n", "line 1, column 5: this [ is never closed")]
    [InlineData("a = 1 }", "line 1, column 7: '}' closes nothing here")]
    [InlineData("{ a = [ 1 } ]", "line 1, column 11: '}' closes nothing here")]
    [InlineData("{ a = 1 } }", "line 1, column 11: '}' stands behind the end of the whole")]
    [InlineData("listen = 127.0.0.1:9110", "line 1, column 19: ':' stands in a value; put a text that has it in quotes")]
    [InlineData("a = Host=db", "line 1, column 9: '=' stands in a value")]
    [InlineData("path = *.avi", "line 1, column 8: '*' is not allowed outside of quotes")]
    [InlineData("a = \nb = 1", "line 2, column 3: '=' stands in a value")]
    [InlineData("a = ,", "line 1, column 5: \"a\" has no value")]
    [InlineData("{ \"node\": ", "line 1, column 11: \"node\" has no value")]
    [InlineData("a\nb = 1", "line 1, column 1: behind a key such as \"a\" = and a value")]
    [InlineData("a..b = 1", "line 1, column 1: \"a..b\" has a dot too many")]
    [InlineData("[ 1,, 2 ]", "line 1, column 5: an entry of the list is needed here, not ','")]
    [InlineData("a = \"\\q\"", "line 1, column 7: \\q is no escape")]
    [InlineData("a = \"\\u12\"", "line 1, column 7: \\u needs four hexadecimal digits")]
    [InlineData("a = \"\\ud800\"", "line 1, column 5: this text has \\ud800 alone")]
    [InlineData("a = ${b", "line 1, column 7: behind the path of a key such as \"b\" a } is needed, not the end of the file")]
    [InlineData("a = ${}", "line 1, column 7: the path of a key is needed here")]
    [InlineData("include other.conf", "line 1, column 1: include needs the name of a file in quotes")]
    [InlineData("include url(\"http://x\")", "line 1, column 1: include needs the name of a file in quotes")]
    [InlineData("a = [ 1 ] x", "line 1, column 11: texts, lists and objects cannot stand side by side")]
    public void What_is_wrong_is_said_with_its_place_and_the_way_out(string text, string what)
    {
        var e = Assert.Throws<HoconException>(() => Read(text));
        Assert.StartsWith(what, e.Message, StringComparison.Ordinal);
        Assert.Equal("/etc/a.conf", e.File);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a=")]
    [InlineData("a.")]
    public void Nesting_without_end_is_an_error_and_not_the_end_of_the_process(string opening)
    {
        var deep = string.Concat(Enumerable.Repeat(opening, 100_000));
        var e = Assert.Throws<HoconException>(() => Read(opening == "a." ? deep + "a=1" : deep));
        Assert.Contains("nested deeper than 60", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_given_twice_within_the_same_braces_is_told_to_who_asks()
    {
        var told = new List<string>();
        HoconText.Read("/f", "{ a = 1, b = { a = 1 }\n a = 2, b.c = 1, b.d = 2, l = [], l += 1, l = ${l} [2] }", _ => null, givenTwice: told.Add);
        Assert.Equal("line 2, column 2: a: given twice; keep one", Assert.Single(told));
    }

    [Fact]
    public void Any_tree_of_JSON_is_read_as_itself()
    {
        var scalar = Gen.OneOf(
            Gen.Constant("null"), Gen.Elements("true", "false"), ArbMap.Default.GeneratorFor<long>().Select(n => $"{n}"),
            ArbMap.Default.GeneratorFor<NormalFloat>().Select(n => JsonSerializer.Serialize(n.Get)), Text());
        Prop.ForAll(Gen.Sized(size => Tree(scalar, Math.Min(size, 12))).ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (json, indented) =>
        {
            var root = JsonNode.Parse($"[{json}]")!;
            return JsonNode.DeepEquals(root, Read(root.ToJsonString(new JsonSerializerOptions { WriteIndented = indented })));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_text_makes_the_reader_fail_in_another_way()
    {
        var words = Gen.Elements(
            "{", "}", "[", "]", ",", "=", "+=", ":", "\n", " ", "a", "b", "a.b", "${a}", "${?a.b}", "${b}", "\"x\"", "\"\"\"", "\"", "1", "null", "include ", "\\", "#", "$");
        Prop.ForAll(words.ListOf().ToArbitrary(), parts =>
        {
            try
            {
                return Read(string.Concat(parts)) is JsonObject or JsonArray;
            }
            catch (HoconException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static Gen<string> Text() =>
        ArbMap.Default.GeneratorFor<string?>().Select(s => JsonSerializer.Serialize(string.Concat((s ?? "").Where(c => !char.IsSurrogate(c))) + "${x} \\u00e9😀"));

    private static Gen<string> Tree(Gen<string> scalar, int size)
    {
        if (size == 0)
            return scalar;
        var smaller = Tree(scalar, size / 3);
        return Gen.OneOf(
            scalar,
            smaller.ListOf().Select(items => $"[{string.Join(',', items)}]"),
            smaller.ListOf().SelectMany(items => Text().ListOf(items.Count).Select(keys =>
                $"{{{string.Join(',', keys.Distinct().Zip(items).Select(p => $"{p.Item1}:{p.Item2}"))}}}")));
    }

    private static void Same(string json, JsonNode read) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), read), read.ToJsonString());

    private static JsonNode Read(string text) => HoconText.Read("/etc/a.conf", text, _ => null).Root;
}
