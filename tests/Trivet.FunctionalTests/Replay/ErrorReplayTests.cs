using System.Text.Json.Nodes;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Recorded refusals: in the client's protocol, with the right class of status and the vendor's own words.</summary>
public sealed class ErrorReplayTests(ReplayLab lab)
{
    public static TheoryData<string> Errors => Replaying.Ids(e => !Replaying.IsAnswer(e));

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_refusal_comes_out_in_the_protocol_of_the_client(string id)
    {
        var exchange = Corpus.Get(id);
        await lab.StartAsync();
        var all = new List<string>();
        foreach (var client in WireProtocol.All)
        {
            foreach (var stream in (bool[])[false, true])
            {
                var problems = await RefusedAsync(exchange, client, stream);
                lab.Report.Add("error", WireProtocol.Of(exchange).Name, client.Name, stream ? "stream" : "whole", id, problems);
                all.AddRange(problems.Select(problem => $"{client.Name}, stream {stream}: {problem}"));
            }
        }

        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private async Task<List<string>> RefusedAsync(Exchange exchange, WireProtocol client, bool stream)
    {
        var upstream = WireProtocol.Of(exchange);
        var staged = lab.Upstream.Stage(exchange);
        var body = client.SimpleRequest(stream, withTools: false);
        body["model"] = $"{upstream.UpstreamName}/{staged.Model}";
        var answer = await lab.AskAsync(client, body);
        var problems = new List<string>();
        var message = upstream.ReadWhole(JsonNode.Parse(exchange.ResponseBody)!).Error!;

        // A credential that the vendor refuses is the operator's: the client is told so, and none of it is shown.
        var isOperators = exchange.Status is 401 or 402 or 403;
        var status = isOperators ? 502 : exchange.Status;
        if (answer.Status != status)
            problems.Add($"status {answer.Status} instead of {status}: {answer.Text}");
        if (client == upstream && !isOperators)
        {
            if (!answer.Bytes.AsSpan().SequenceEqual(exchange.ResponseBody))
                problems.Add($"not byte for byte: {answer.Text}");
            return problems;
        }

        var error = JsonNode.Parse(answer.Bytes)!;
        problems.AddRange(client.InvalidError(error).Select(fault => "spec: " + fault));
        if (client.ReadWhole(error).Error?.Contains(message, StringComparison.Ordinal) != !isOperators)
            problems.Add($"the message is {answer.Text}");
        return problems;
    }
}
