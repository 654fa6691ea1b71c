using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin.Upstreams;
using Trivet.WebConsole.Hosting;
using Trivet.WebConsole.Pages.Audits;

namespace Trivet.WebConsole.Pages.Upstreams;

/// <summary>Where models come from: how each stands, what it costs, what it did.</summary>
internal static class UpstreamPages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (upstreams, offerings) = (services.GetRequiredService<UpstreamAdmin>(), services.GetRequiredService<OfferingBoard>());
        routes.Page<UpstreamsPage>("/upstreams");
        routes.Page<UpstreamEditPage>("/upstreams/new", Access.Operate);
        routes.Page<UpstreamPage>("/upstreams/{name}");
        routes.Page<UpstreamEditPage>("/upstreams/{name}/edit", Access.Operate);
        UpstreamForms.Map(routes, services);
        routes.Page<AuditPage>("/audits/{id}");
        routes.Form("/upstreams/{name}/test", Access.Operate, async (form, cancellation) =>
        {
            if (!offerings.Snapshot.TryGetUpstream(form.Route("name"), out var upstream) || upstream.Endpoints.Count == 0)
                return FormOutcome.Done(PageLink.To("upstreams"));
            await upstreams.TestAsync(upstream, form["model"] is { Length: > 0 } model ? model : null, cancellation);
            return FormOutcome.Done(PageLink.To("upstreams", upstream.Name));
        });
        routes.Form("/upstreams/{name}/accounts", Access.Operate, async (form, cancellation) =>
        {
            if (!offerings.Snapshot.TryGetUpstream(form.Route("name"), out var upstream))
                return FormOutcome.Done(PageLink.To("upstreams"));
            await upstreams.AskAccountsAsync(upstream, cancellation);
            return FormOutcome.Done(PageLink.To("upstreams", upstream.Name));
        });
    }
}
