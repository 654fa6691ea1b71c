using Trivet.WebConsole.Components;

namespace Trivet.Tests.WebConsole;

public sealed class MarkdownTests
{
    [Theory]
    [InlineData("plain", "<p>plain</p>")]
    [InlineData("# One\ntext", "<h3>One</h3><p>text</p>")]
    [InlineData("- a\n- b\n\nc", "<ul><li>a</li><li>b</li></ul><p>c</p>")]
    [InlineData("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>")]
    [InlineData("> said", "<blockquote>said</blockquote>")]
    [InlineData("**bold** and *thin*", "<p><strong>bold</strong> and <em>thin</em></p>")]
    [InlineData("2 * 3 * 4", "<p>2 * 3 * 4</p>")]
    [InlineData("`a**b**`", "<p><code>a**b**</code></p>")]
    [InlineData("```\na < b\n```", "<pre><code>a &lt; b</code></pre>")]
    [InlineData("```\nnever closed", "<pre><code>never closed</code></pre>")]
    [InlineData("[here](https://a.example/?x=1)", "<p><a href=\"https://a.example/?x=1\" rel=\"noreferrer nofollow\">here</a></p>")]
    [InlineData("see https://a.example/b.", "<p>see <a href=\"https://a.example/b\" rel=\"noreferrer nofollow\">https://a.example/b</a>.</p>")]
    public void A_note_is_written_as_it_was_meant(string note, string html) => Assert.Equal(html, Markdown.Render(note).Value);

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](https://a.example/\"onmouseover=\"alert(1))")]
    [InlineData("[<b>](https://a.example/)")]
    [InlineData("**<svg onload=alert(1)>**")]
    [InlineData("`<i>`")]
    [InlineData("# <iframe>")]
    [InlineData("> <style>")]
    [InlineData("- <a href=javascript:1>")]
    [InlineData("```\n</code></pre><script>\n```")]
    public void Nothing_that_was_written_becomes_markup(string note)
    {
        var html = Markdown.Render(note).Value;

        foreach (var element in (string[])["<script", "<img", "<svg", "<b>", "<i>", "<iframe", "<style", "href=\"javascript", "\"onmouseover"])
            Assert.DoesNotContain(element, html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_excerpt_is_short_has_no_marks_and_cuts_no_character_in_two()
    {
        Assert.Equal("One two", Markdown.Excerpt("# One\n**two**", 100));
        Assert.Equal("lab#1 of glm-* quoted item code", Markdown.Excerpt("lab#1 of glm-*\n> quoted\n- item `code`", 100));
        Assert.Equal("ab…", Markdown.Excerpt("ab😀cd", 3));
    }
}
