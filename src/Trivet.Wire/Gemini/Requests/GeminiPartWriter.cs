using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>Writes the parts of contents that <see cref="GeminiConversation"/> has shaped.</summary>
internal sealed class GeminiPartWriter(Utf8JsonWriter writer, CanonicalRequest request, GeminiDialect dialect, LossList losses)
{
    private readonly GeminiAdmission _admission = new(request.Origin, dialect, losses);
    private readonly List<Block> _behind = [];

    private bool IsOwn => request.Origin == Protocol.Gemini;

    /// <summary>Writes <c>parts</c>: results first, then what came of them that cannot stand in them, then the rest.</summary>
    public void Write(GeminiContent content)
    {
        _behind.Clear();
        writer.WriteStartArray("parts"u8);
        foreach (var result in content.Results)
            WriteResult(result);
        foreach (var block in _behind)
            Write(block, isFirstCall: false);
        var isFirstCall = true;
        foreach (var block in content.Blocks)
        {
            Write(block, isFirstCall);
            isFirstCall &= block is not ToolCallBlock;
        }

        writer.WriteEndArray();
    }

    private void Write(Block block, bool isFirstCall)
    {
        if (block is OpaqueBlock opaque)
        {
            WriteOpaque(opaque);
            return;
        }

        writer.WriteStartObject();
        switch (block)
        {
            case TextBlock text:
                Text(text.Text);
                break;
            case ReasoningBlock reasoning:
                Text(reasoning.Text);
                writer.WriteBoolean("thought"u8, true);
                break;
            case ToolCallBlock call:
                WriteCall(call);
                break;
            case MediaBlock media:
                WriteMedia(media);
                break;
        }

        WriteSignature(block, isFirstCall);
        if (block is not ToolCallBlock)
            WriteExtra(block.Extra);
        writer.WriteEndObject();
    }

    private void Text(JsonText text) => (text.IsNull ? new JsonText("") : text).WriteTo(writer, "text"u8);

    // With parallel calls only the first is signed (WIRE_FACTS §3.3). Who speaks this protocol signs by himself.
    private void WriteSignature(Block block, bool isFirstCall)
    {
        if (GeminiAdmission.HasSignature(block))
        {
            block.ThoughtSignature.WriteTo(writer, "thoughtSignature"u8);
            return;
        }

        if (!block.ThoughtSignature.IsEmpty)
            losses.Add(GeminiLosses.CallSignature);
        var needsOne = block is ToolCallBlock && isFirstCall && dialect.DummySignature is not null && (!IsOwn || !block.ThoughtSignature.IsEmpty);
        if (needsOne)
            writer.WriteString("thoughtSignature"u8, dialect.DummySignature);
    }

    private void WriteId(ToolCallBlock call)
    {
        if (call.Id.IsEmpty || GeminiIds.IsMade(call.Id))
            return;
        if (dialect.AcceptsCallIds)
            call.Id.WriteTo(writer, "id"u8);
        else
            losses.Add(GeminiLosses.CallIds);
    }

    private void WriteCall(ToolCallBlock call)
    {
        writer.WriteStartObject("functionCall"u8);
        WriteId(call);
        writer.WriteString("name"u8, GeminiToolNames.Of(call));
        writer.WritePropertyName("args"u8);
        if (call.Kind == ToolKind.Custom)
        {
            writer.WriteStartObject();
            writer.WriteString(ToolAliases.CustomArgument, call.Arguments.Span);
            writer.WriteEndObject();
        }
        else if (ToolArguments.TryAsObject(call.Arguments, out var arguments))
        {
            writer.WriteRawValue(arguments.Span, skipInputValidation: true);
        }
        else
        {
            losses.Add(GeminiLosses.Arguments);
            writer.WriteStartObject();
            writer.WriteString("raw_arguments"u8, call.Arguments.Span);
            writer.WriteEndObject();
        }

        WriteExtra(call.Extra);
        writer.WriteEndObject();
    }

    private void WriteResult(GeminiResult result)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionResponse"u8);
        WriteId(result.Call);
        writer.WriteString("name"u8, GeminiToolNames.Of(result.Call));
        writer.WritePropertyName("response"u8);
        if (result.Block is not { } block)
        {
            writer.WriteRawValue("""{"error":"No result of this call was recorded."}"""u8, skipInputValidation: true);
        }
        else
        {
            if (!block.CacheControl.IsNull)
                losses.Add(GeminiLosses.CacheControl);
            WriteResultContent(block);
            WriteExtra(block.Extra);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteResultContent(ToolResultBlock block)
    {
        var admitted = new List<Block>(block.Content.Count);
        foreach (var inner in block.Content)
            _admission.Admit(inner, isModel: false, admitted);
        var texts = admitted.OfType<TextBlock>().Select(static text => text.Text.ToString()).ToList();
        if (IsOwn && !block.Raw.IsNull && block.Raw.Utf8.Span[0] == (byte)'{')
            block.Raw.WriteTo(writer);
        else
            GeminiResults.Write(writer, string.Join('\n', texts), block.IsError == true);

        admitted.RemoveAll(static inner => inner is TextBlock);
        if (admitted.Count == 0)
            return;
        if (!IsOwn && !(dialect.AcceptsMediaInResults && admitted.TrueForAll(static inner => inner is MediaBlock { Data.IsEmpty: false })))
        {
            losses.Add(GeminiLosses.ResultMedia);
            _behind.AddRange(admitted);
            return;
        }

        writer.WriteStartArray("parts"u8);
        foreach (var inner in admitted)
            Write(inner, isFirstCall: false);
        writer.WriteEndArray();
    }

    private void WriteMedia(MediaBlock media)
    {
        if (!IsOwn && !media.Name.IsEmpty)
            losses.Add(GeminiLosses.FileName);
        var address = media.FileId.IsEmpty ? media.Url : media.FileId;
        if (media.Data.IsEmpty && media.PlainText.IsNull)
        {
            writer.WriteStartObject("fileData"u8);
            var uri = address.ToString();
            if (!IsOwn && !GeminiMedia.IsYouTube(uri))
                writer.WriteString("mimeType"u8, GeminiMedia.TypeOf(media, uri));
            else if (media.MediaType.Length > 0)
                writer.WriteString("mimeType"u8, media.MediaType);
            address.WriteTo(writer, "fileUri"u8);
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartObject("inlineData"u8);
        if (media.PlainText.IsNull)
        {
            writer.WriteString("mimeType"u8, GeminiMedia.TypeOf(media, media.Name.ToString()));
            media.Data.WriteTo(writer, "data"u8);
        }
        else
        {
            writer.WriteString("mimeType"u8, "text/plain"u8);
            writer.WriteBase64String("data"u8, Encoding.UTF8.GetBytes(media.PlainText.ToString()));
        }

        writer.WriteEndObject();
    }

    // A signature of somebody else's is taken out of a part that is otherwise Google's.
    private void WriteOpaque(OpaqueBlock block)
    {
        if (!block.OpaqueIsForeign)
        {
            block.Raw.WriteTo(writer);
            return;
        }

        var fields = new JsonFields();
        fields.Push(block.Raw);
        writer.WriteStartObject();
        for (var i = 0; i < fields.Count; i++)
        {
            if (!fields[i].Named("thoughtSignature"u8))
                fields[i].Value.WriteTo(writer, fields[i].Name.Span);
        }

        writer.WriteEndObject();
    }

    private void WriteExtra(List<ExtraField>? extra)
    {
        foreach (var field in extra ?? [])
        {
            if (IsOwn)
                field.Value.WriteTo(writer, Encoding.UTF8.GetBytes(field.Name));
            else
                losses.AddUnknown("messages[].content[].", field, Protocol.Gemini);
        }
    }
}
