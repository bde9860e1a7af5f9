using System.Text.Json.Nodes;
using FtpActors.Actors.Hocon;

namespace FtpActors.Actors.Tests;

public sealed class HoconMergeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hocon").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Theory]
    [InlineData("a { x = 1, y = 2 }\na { y = 3 }\na.z = 4", """{"a":{"x":1,"y":3,"z":4}}""")]
    [InlineData("a { x = 1 }, a = 5, a { y = 2 }", """{"a":{"y":2}}""")]
    [InlineData("a = { x = 1 } { y = 2 }, l = [1] [2, 3], t = one \"two\"  3 ", """{"a":{"x":1,"y":2},"l":[1,2,3],"t":"one two  3"}""")]
    [InlineData("a += 1, a += { b = 2 }, c = [0], c += 1, o.l += x", """{"a":[1,{"b":2}],"c":[0,1],"o":{"l":["x"]}}""")]
    [InlineData("r = [ { a = [1], a += 2 } ]", """{"r":[{"a":[1,2]}]}""")]
    [InlineData("a = ${b}, b = 1, b = 2, c = ${b}${b}, d = \"${b}\"", """{"a":2,"b":2,"c":"22","d":"${b}"}""")]
    [InlineData("base { x = 1, y { z = 2 } }\na = ${base} { y.w = 3 }\na.x = 4", """{"base":{"x":1,"y":{"z":2}},"a":{"x":4,"y":{"z":2,"w":3}}}""")]
    [InlineData("base = { x = 1 }\nrules = [ ${base} { n = 1 }, ${base} ]", """{"base":{"x":1},"rules":[{"x":1,"n":1},{"x":1}]}""")]
    [InlineData("a = ${?no}, b = x ${?no} y, c = [ ${?no}, 1 ], d = 1, d = ${?no}", """{"b":"x  y","c":[1],"d":1}""")]
    [InlineData("a { b = ${c.d} }, c { d = 1, e = ${a.b} }", """{"a":{"b":1},"c":{"d":1,"e":1}}""")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }, bar { foo = 43 }", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("x = ${y}, y { p = ${x.r}, r { z = 1 } }", """{"x":{"p":{"z":1},"r":{"z":1}},"y":{"p":{"z":1},"r":{"z":1}}}""")]
    [InlineData("p = /bin, p = ${p}\":/opt/bin\"", """{"p":"/bin:/opt/bin"}""")]
    [InlineData("a.l = [1], a { l = ${a.l} [2] }, a.l = ${?a.l} [3]", """{"a":{"l":[1,2,3]}}""")]
    [InlineData("a { b = 1 }, a = ${a.b}", """{"a":1}""")]
    [InlineData("a = ${base}, a { x = ${a.x} 2 }, base { x = 1 }", """{"a":{"x":"1 2"},"base":{"x":1}}""")]
    [InlineData("a = ${missing}, a = 1", """{"a":1}""")]
    [InlineData("n = null, a = ${n}, l = [ null, ${n} ]", """{"n":null,"a":null,"l":[null,null]}""")]
    public void Objects_merge_texts_and_lists_join_and_references_mean_the_final_value(string text, string json)
    {
        var read = Read(text);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), read), read.ToJsonString());
    }

    [Theory]
    [InlineData("a = 1\nb = ${c.d}", "line 2, column 5: ${c.d} is set neither here nor in the environment")]
    [InlineData("a = ${a}", "line 1, column 5: ${a} refers to itself, and there is no value of it before")]
    [InlineData("a = ${b}, b = ${a}", "${b} refers to itself in a circle, by ${b}, ${a}")]
    [InlineData("a = ${b} [1], b = ${c}, c = ${?a}", "refers to itself in a circle")]
    [InlineData("a { b = ${a} }", "${a} refers to itself in a circle")]
    [InlineData("a { l = [ ${a} ] }", "${a} refers to itself in a circle")]
    [InlineData("a = { x = ${b} }, b = { y = ${a} }", "refers to itself in a circle")]
    [InlineData("a = 1, a += 2", "line 1, column 5: \"a\" is no list, and += adds to it")]
    [InlineData("o { x = 1 }, a = [ ${o} ] ${o}", "line 1, column 27: texts, lists and objects cannot stand side by side")]
    public void What_does_not_fit_together_is_said(string text, string what) =>
        Assert.Contains(what, Assert.Throws<HoconException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("x")]
    [InlineData("?x")]
    [InlineData("text")]
    public void A_small_text_that_means_an_endless_one_is_refused(string kind)
    {
        var start = kind == "text" ? "x0 = xxxxxxxxxx" : kind == "x" ? "x0 = { a = 1 }" : "y = 1";
        var mark = kind == "?x" ? "?" : "";
        var lines = Enumerable.Range(1, 60).Select(i => kind == "x"
            ? $"x{i} {{ a = ${{x{i - 1}}}, b = ${{x{i - 1}}} }}" : $"x{i} = ${{{mark}x{i - 1}}}${{{mark}x{i - 1}}}");
        var e = Assert.Throws<HoconException>(() => Read($"{start}\n{string.Join('\n', lines)}\nx = ${{x60}}"));
        Assert.Contains("too long", e.Message, StringComparison.Ordinal);
        var chain = string.Join('\n', Enumerable.Range(1, 50_000).Select(i => $"x{i} = ${{x{i + 1}}}"));
        Assert.Contains("references to references", Assert.Throws<HoconException>(() => Read(chain)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_comes_after_the_file_and_its_texts_stay_texts()
    {
        var environment = new Dictionary<string, string> { ["SHARDS"] = "4", ["HOME"] = "/root", ["name"] = "env" };
        var document = HoconText.Read("/f", "name = file\na { n = ${SHARDS}, l = [ ${?HOME}, ${?NONE} ], p = ${HOME}/x, who = ${name} }\nd = 5\nd = ${?NONE}", environment.GetValueOrDefault);
        Assert.Equal("""{"name":"file","a":{"n":"4","l":["/root"],"p":"/root/x","who":"file"},"d":5}""", document.Root.ToJsonString());
        Assert.Equal(["a.l.0 HOME", "a.n SHARDS"], document.Variables.Select(v => $"{v.Key} {v.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Another_file_stands_where_it_is_included_and_refers_to_what_is_beside_it_first()
    {
        Write("sub/more.conf", "x = 1, y = ${x}, z = ${top}\ninclude \"most.conf\"");
        Write("sub/most.conf", "w = 2");
        var read = Read("top = 7, x = 0\na { include \"sub/more.conf\", x = 3 }\nl = [ { include required(file(\"sub/most.conf\")) } ]");
        Assert.Equal("""{"top":7,"x":0,"a":{"x":3,"y":3,"z":7,"w":2},"l":[{"w":2}]}""", read.ToJsonString());
    }

    [Theory]
    [InlineData("include \"gone.conf\"", "a.conf", "gone.conf cannot be included")]
    [InlineData("include required(\"gone.conf\")", "a.conf", "gone.conf cannot be included")]
    [InlineData("include \"circle.conf\"", "circle.conf", "is included by itself")]
    [InlineData("include \"list.conf\"", "a.conf", "is a list")]
    [InlineData("include \"bad.conf\"", "bad.conf", "line 2, column 5: this quote is not closed")]
    [InlineData("include \".\"", "a.conf", "cannot be included")]
    public void What_is_wrong_with_another_file_names_the_file(string text, string file, string what)
    {
        Write("circle.conf", "a { include \"circle.conf\" }");
        Write("list.conf", "[]");
        Write("bad.conf", "a = 1\nb = \"x\n");
        var e = Assert.Throws<HoconException>(() => Read(text));
        Assert.Equal(Path.Combine(_folder, file), e.File);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_from_elsewhere_opens_no_file() =>
        Assert.Contains("nothing can be included here", Assert.Throws<HoconException>(
            () => HoconText.Read("/f", "include \"/etc/passwd\"", _ => null, opensFiles: false)).Message, StringComparison.Ordinal);

    private void Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private JsonNode Read(string text) => HoconText.Read(Path.Combine(_folder, "a.conf"), text, _ => null).Root;
}
