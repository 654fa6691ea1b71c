using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Oracle;

namespace Trivet.Server.Conformance;

/// <summary>One square of the matrix.</summary>
/// <param name="Number">Unique; part of the model's name, so that both ends' records of it are found.</param>
internal sealed record Cell(int Number, Feature Feature, IClient Client, IClient Upstream, bool Stream)
{
    public override string ToString() => $"{Feature.Group} / {Feature.Name}: {Client.Name} → {Upstream.Name}, {(Stream ? "streamed" : "whole")}";
}

/// <summary>A square that has been looked at.</summary>
internal sealed record CellResult(Cell Cell, Finding Finding);

/// <summary>The gateway that a run looks at.</summary>
/// <param name="Address">Where the gateway listens.</param>
/// <param name="Key">A key for it.</param>
internal sealed record Ends(Uri Address, string Key)
{
    /// <summary>What the client asks for, so that it goes over the protocol of that name.</summary>
    public static string RoutePrefix(string upstream) => $"via-{upstream}-";
}
