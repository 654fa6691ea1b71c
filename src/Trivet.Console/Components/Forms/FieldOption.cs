namespace Trivet.WebConsole.Components.Forms;

/// <summary>One of the things that can be chosen.</summary>
public sealed record FieldOption(string Value, string Text);
