namespace Trivet.WebConsole.Components;

/// <summary>One of the things that can be chosen.</summary>
public sealed record FieldOption(string Value, string Text);
