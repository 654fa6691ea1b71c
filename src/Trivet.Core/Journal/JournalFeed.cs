using System.Globalization;
using System.Text;
using System.Xml;

namespace Trivet.Core.Journal;

/// <summary>The journal for feed readers: Atom (RFC 4287). A pure function of entries.</summary>
public static class JournalFeed
{
    private const string Atom = "http://www.w3.org/2005/Atom";

    /// <summary>The media type.</summary>
    public const string MediaType = "application/atom+xml";

    /// <summary>Writes a feed.</summary>
    /// <param name="entries">The newest first.</param>
    /// <param name="title">Of the feed.</param>
    /// <param name="self">Where the feed is; entries link to it with their id as the fragment.</param>
    /// <param name="nowMs">Its time where it has no entries, Unix milliseconds.</param>
    public static string Write(IReadOnlyList<JournalEntry> entries, string title, Uri self, long nowMs)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n", CheckCharacters = false }))
        {
            xml.WriteStartElement("feed", Atom);
            xml.WriteElementString("id", Atom, self.AbsoluteUri);
            xml.WriteElementString("title", Atom, Clean(title));
            xml.WriteElementString("updated", Atom, Time(entries.Count > 0 ? entries[0].AtMs : nowMs));
            Link(xml, "self", self.AbsoluteUri);
            xml.WriteStartElement("author", Atom);
            xml.WriteElementString("name", Atom, "Trivet");
            xml.WriteEndElement();
            foreach (var entry in entries)
                Write(xml, entry, self);
            xml.WriteEndElement();
        }

        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + text + "\n";
    }

    private static void Write(XmlWriter xml, JournalEntry entry, Uri self)
    {
        xml.WriteStartElement("entry", Atom);
        xml.WriteElementString("id", Atom, $"urn:trivet:journal:{entry.Id}");
        xml.WriteElementString("title", Atom, Clean(entry.Title));
        xml.WriteElementString("updated", Atom, Time(entry.AtMs));
        xml.WriteElementString("published", Atom, Time(entry.AtMs));
        Link(xml, "alternate", $"{self.GetLeftPart(UriPartial.Path)}#{entry.Id}");
        if (entry.Author.Length > 0)
        {
            xml.WriteStartElement("author", Atom);
            xml.WriteElementString("name", Atom, Clean(entry.Author));
            xml.WriteEndElement();
        }

        foreach (var tag in entry.Tags)
        {
            xml.WriteStartElement("category", Atom);
            xml.WriteAttributeString("term", Clean(tag));
            xml.WriteEndElement();
        }

        xml.WriteStartElement("content", Atom);
        xml.WriteAttributeString("type", "text");
        xml.WriteString(Clean(JournalExport.Body(entry)));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Link(XmlWriter xml, string relation, string address)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    // XML knows no control characters and no half surrogate pairs, whatever people paste.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value is 9 or 10 or 13 or (>= 0x20 and not (0xFFFE or 0xFFFF)) ? rune.ToString() : "\uFFFD");
        return clean.ToString();
    }
}
