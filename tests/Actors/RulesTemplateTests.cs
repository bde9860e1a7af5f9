using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

public sealed class RulesTemplateTests
{
    [Fact]
    public void Any_bytes_of_a_name_come_out_exactly_between_the_rules_own_backslashes()
    {
        var template = Template.Compile(@"C:\x41\{{path}}\\{{path}}\");
        Prop.ForAll<byte[]>(bytes =>
        {
            var values = new Dictionary<string, object?> { ["path"] = ReversibleText.FromBytes(bytes) };
            byte[] expected = [.. @"C:\x41\"u8, .. bytes, .. @"\\"u8, .. bytes, (byte)'\\'];
            return template.RenderBytes(values).AsSpan().SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_character_whose_second_half_is_the_mark_is_not_mistaken_for_a_backslash()
    {
        var values = new Dictionary<string, object?> { ["path"] = "\U00010000" };
        Assert.Equal("\\\U00010000", Template.Compile(@"\{{path}}").Render(values));
    }

    [Fact]
    public void Lists_and_users_can_be_walked_and_absent_values_are_empty()
    {
        var values = new Dictionary<string, object?>
        {
            ["files"] = new List<object?> { new Dictionary<string, object?> { ["path"] = "/a" }, new Dictionary<string, object?> { ["path"] = "/<b>" } },
            ["user_info"] = new Dictionary<string, object?> { ["email"] = "x@example.org" },
        };
        var text = "{{user_info.email}}:{{user_info.name}}{{#each files}}[{{@index}} {{path}}]{{/each}}";
        Assert.Equal("x@example.org:[0 /a][1 /<b>]", Template.Compile(text).Render(values));
        Assert.Contains("&lt;b&gt;", Template.Compile(text, html: true).Render(values), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{pathh}}", "did you mean 'path'")]
    [InlineData("{{#each file}}{{/each}}", "'file' is not known")]
    [InlineData("{{#if path}}", "template")]
    [InlineData("{{> other}}", "partials")]
    [InlineData("{{user_info.emial}}", "did you mean 'email'")]
    public void A_template_that_cannot_work_is_refused_with_the_reason(string text, string reason)
    {
        var e = Assert.Throws<FormatException>(() => Template.Compile(text, userFields: ["login", "email"]));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }
}
