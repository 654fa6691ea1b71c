using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.Canonical;

public sealed class WebCitationTests
{
    [Fact]
    public void Each_place_that_cites_a_page_is_a_citation_and_so_is_a_page_cited_nowhere()
    {
        var found = Read("""
            {"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example","title":"A"}},{"web":{"uri":"https://b.example"}},{"retrievedContext":{}},{"web":{"uri":"https://c.example"}}],
             "groundingSupports":[{"segment":{"endIndex":5},"groundingChunkIndices":[0]},{"segment":{"startIndex":6,"endIndex":9},"groundingChunkIndices":[0,1,2,99]}]}}
            """);
        Assert.Equal([("https://a.example", 0, 5), ("https://a.example", 6, 9), ("https://b.example", 6, 9), ("https://c.example", 0, 0)], found.Select(page => (page.Url, page.Start, page.End)));
    }

    [Theory]
    [InlineData("""{"citationMetadata":{"citationSources":[{"startIndex":1,"endIndex":2,"uri":"https://a.example","license":"mit"},{"license":"none"}]}}""", 1)]
    [InlineData("""{"citationMetadata":{"citations":[{"startIndex":1,"endIndex":2,"uri":"https://a.example","title":"A"}]}}""", 1)]
    [InlineData("""{"type":"search_result_location","source":"https://a.example","title":"A","cited_text":"c"}""", 1)]
    [InlineData("""{"type":"search_result_location","source":"doc-7","title":"A","cited_text":"c"}""", 0)]
    [InlineData("""{"type":"url_citation","url_citation":{"url":"https://a.example"}}""", 1)]
    [InlineData("""{"type":"char_location","document_index":0}""", 0)]
    [InlineData("""{"urlContextMetadata":{}}""", 0)]
    public void Pages_are_found_in_every_protocols_shape(string citation, int pages) => Assert.Equal(Enumerable.Repeat("https://a.example", pages), Read(citation).Select(page => page.Url));

    private static IReadOnlyList<WebCitation> Read(string citation) => WebCitation.Read(Encoding.UTF8.GetBytes(citation));
}
