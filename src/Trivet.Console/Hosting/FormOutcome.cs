using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Trivet.WebConsole.Hosting;

/// <summary>A form that was sent by somebody who may send it.</summary>
/// <param name="Page">Who and in which language.</param>
/// <param name="Fields">What was typed.</param>
internal sealed record SentForm(ConsoleContext Page, IFormCollection Fields)
{
    /// <summary>A field without the blanks around it; empty where it is missing.</summary>
    public string this[string name] => Fields[name].ToString().Trim();

    /// <summary>Whether a box is ticked.</summary>
    public bool Has(string name) => Fields.ContainsKey(name);

    /// <summary>A part of the address, as in <c>/upstreams/{name}</c>.</summary>
    public string Route(string name) => Page.Http.Request.RouteValues[name]?.ToString() ?? "";
}

/// <summary>What a form does.</summary>
internal delegate ValueTask<FormOutcome> FormHandler(SentForm form, CancellationToken cancellationToken);

/// <summary>What became of a form: somewhere to go, or the page again with what is wrong.</summary>
internal sealed record FormOutcome
{
    /// <summary>Where to go; null where a page is shown instead.</summary>
    public PageLink? Location { get; private init; }

    /// <summary>The page that is shown.</summary>
    public Type? Component { get; private init; }

    public IDictionary<string, object?> Parameters { get; private init; } = new Dictionary<string, object?>();

    /// <summary>True: sending the same form again is no second doing.</summary>
    public bool MaySendAgain { get; private init; }

    public int Status { get; private init; } = StatusCodes.Status200OK;

    /// <summary>It is done.</summary>
    /// <param name="location">Where to go on.</param>
    /// <param name="said">What to say there: a string of the area <c>said</c>.</param>
    public static FormOutcome Done(PageLink location, string? said = null) => new() { Location = location.With("said", said) };

    /// <summary>It is not done: the page again, with what was typed and what is wrong.</summary>
    public static FormOutcome Wrong<TPage>(IDictionary<string, object?> parameters) where TPage : IComponent =>
        new() { Component = typeof(TPage), Parameters = parameters, Status = StatusCodes.Status422UnprocessableEntity };

    /// <summary>Nothing was done: the page again with what was typed, and what it would come to. It may be sent as often as one likes.</summary>
    public static FormOutcome Preview<TPage>(IDictionary<string, object?> parameters) where TPage : IComponent => new() { Component = typeof(TPage), Parameters = parameters, MaySendAgain = true };

    /// <summary>It is done, and what came of it is shown once and nowhere else: a new key.</summary>
    public static FormOutcome ShowOnce<TPage>(IDictionary<string, object?> parameters) where TPage : IComponent => new() { Component = typeof(TPage), Parameters = parameters };
}
