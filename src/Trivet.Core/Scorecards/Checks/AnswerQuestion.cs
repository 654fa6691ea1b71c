using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Scorecards.Checks;

/// <summary>What has to be known of a request to judge its answer. Holds copies: the request may be gone when the answer is here.</summary>
internal sealed class AnswerQuestion
{
    private const int PromptCharsMax = 4_096;
    private const int StandingCharsMax = 32_768;

    // Who names a language may want the answer in it: then its script proves nothing.
    private static readonly SearchValues<string> LanguageWords = SearchValues.Create(
    [
        "translat", "language", "english", "chinese", "mandarin", "japanese", "korean", "russian", "arabic", "french", "german", "spanish", "hindi", "greek", "hebrew", "thai", "pinyin", "romaji",
        "翻译", "译成", "译为", "语言", "英文", "英语", "中文", "汉语", "日文", "日语", "韩文", "韩语", "俄文", "俄语", "翻訳", "英語", "日本語", "中国語", "번역", "영어", "한국어", "перевед", "перевод", "английск",
    ],
        StringComparison.OrdinalIgnoreCase);

    private readonly Dictionary<string, byte[]?> _tools = new(StringComparer.Ordinal);

    private AnswerQuestion()
    {
    }

    /// <summary>The schema that the answer's text must fit; null where none was demanded.</summary>
    public byte[]? Schema { get; private init; }

    /// <summary>The end of what the person asked last; empty where a tool's result or a picture came last.</summary>
    public string Prompt { get; private init; } = "";

    /// <summary>The answer may well be wanted in another language.</summary>
    public bool NamesLanguage { get; private init; }

    /// <summary>All tools are the client's own, so that a call of another is none that could be run.</summary>
    public bool KnowsAllTools { get; private init; }

    /// <summary>Takes from a request what is needed.</summary>
    public static AnswerQuestion Of(CanonicalRequest request)
    {
        var last = request.Turns.FindLast(static turn => turn.Role == Role.User);
        var standing = string.Join('\n', request.Turns.Where(static turn => turn.Role is Role.System or Role.Developer).Select(static turn => TextOf(turn, StandingCharsMax)));
        var prompt = last is not null && last.Blocks.TrueForAll(static block => block is TextBlock) ? TextOf(last, PromptCharsMax) : "";
        var question = new AnswerQuestion
        {
            Schema = request.OutputFormat is { Kind: OutputFormatKind.JsonSchema, Schema: { IsNull: false } schema } ? schema.Utf8.ToArray() : null,
            Prompt = prompt,
            NamesLanguage = prompt.AsSpan().ContainsAny(LanguageWords) || standing.AsSpan().ContainsAny(LanguageWords),
            KnowsAllTools = request.Tools.TrueForAll(static tool => tool.Kind != ToolKind.Server),
        };
        foreach (var tool in request.Tools)
        {
            if (tool.Kind != ToolKind.Server)
                question._tools[tool.Name.ToString()] = tool.Kind == ToolKind.Function && !tool.Parameters.IsNull ? tool.Parameters.Utf8.ToArray() : null;
        }

        return question;
    }

    /// <summary>Whether a tool was offered, and the schema of its arguments (null: none was given).</summary>
    public bool Offers(string tool, out byte[]? schema) => _tools.TryGetValue(tool, out schema);

    /// <summary>Whether any tool was offered.</summary>
    public bool HasTools => _tools.Count > 0;

    private static string TextOf(Turn turn, int charsMax)
    {
        var text = new StringBuilder();
        foreach (var block in turn.Blocks.OfType<TextBlock>())
            text.Append(block.Text.ToString()).Append('\n');
        return text.Length <= charsMax ? text.ToString() : text.ToString(text.Length - charsMax, charsMax);
    }
}
