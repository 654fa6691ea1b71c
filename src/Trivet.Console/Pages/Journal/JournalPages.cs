using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Users;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Journal;

/// <summary>What happened, and what people noted about it.</summary>
internal static class JournalPages
{
    private const int FeedEntries = 100;
    private const int TokenCharsMax = 100;

    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (journal, users) = (services.GetRequiredService<JournalAdmin>(), services.GetRequiredService<UserAdmin>());
        routes.Page<JournalPage>("/journal");
        routes.Page<EntryPage>("/journal/{id}");
        routes.Form("/journal", Access.Operate, (form, cancellation) => AddAsync(form, journal, cancellation));
        routes.Form("/journal/{id}/delete", Access.Operate, async (form, cancellation) =>
        {
            var deleted = await journal.DeleteAsync(form.Route("id"), cancellation);
            return FormOutcome.Done(PageLink.To("journal"), deleted.IsSuccess ? "note_deleted" : "not_done");
        });
        routes.File("/journal.atom", Access.Read, page => FeedAsync(page, journal));
        routes.Page<FeedPage>("/journal-feed");
        routes.Form("/journal-feed", Access.Read, async (form, cancellation) =>
        {
            if (form["do"] == "revoke")
                return FormOutcome.Done(PageLink.To("journal-feed"), (await users.RevokeFeedTokenAsync(form.Page.User!, cancellation)).IsSuccess ? "feed_revoked" : "not_done");
            var made = await users.MakeFeedTokenAsync(form.Page.User!, cancellation);
            return made.IsSuccess ? FormOutcome.ShowOnce<FeedPage>(new Dictionary<string, object?> { [nameof(FeedPage.Secret)] = made.Value }) : FormOutcome.Done(PageLink.To("journal-feed"), "not_done");
        });

        // For feed readers, which cannot sign in: who has the address may read the journal's feed and nothing else.
        routes.File("/feeds/{token}/journal.atom", Access.Anybody, async page =>
        {
            var token = page.Http.Request.RouteValues["token"]?.ToString() ?? "";
            var whose = token.Length <= TokenCharsMax ? await users.FindFeedTokenAsync(token, page.Aborted) : (UserRecord?)null;
            if (whose is { IsSuccess: true, Value: not null })
                await FeedAsync(page, journal);
            else
                page.Http.Response.StatusCode = whose.IsSuccess ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable;
        });
        routes.File("/journal.md", Access.Read, page => Download.WriteAsync(page, "text/markdown", "journal.md", stream => JournalExport.WriteMarkdownAsync(stream, All(page, journal), page.Aborted)));
        routes.File("/journal.json", Access.Read, page => Download.WriteAsync(page, "application/json", "journal.json", stream => JournalExport.WriteJsonAsync(stream, All(page, journal), page.Aborted)));
    }

    /// <summary>What the address asks for.</summary>
    public static JournalQuery QueryOf(ConsoleContext page)
    {
        var now = page.Text.Now;
        return new JournalQuery
        {
            FromMs = page.Query("since") is { } since && TimeText.TryParseSince(since, now, out var from) ? from.ToUnixTimeMilliseconds() : null,
            Kinds = page.Query("kind") is { } kind ? [kind] : [],
            Tag = page.Query("tag"),
            Subject = page.Query("subject"),
            Text = page.Query("q"),
            After = JournalPlace.TryParse(page.Query("after"), out var place) ? place : null,
        };
    }

    private static async ValueTask<FormOutcome> AddAsync(SentForm form, JournalAdmin journal, CancellationToken cancellationToken)
    {
        var text = form.Page.Text;
        var problem = JournalAdmin.ProblemOf(form["title"], form["text"]) is null ? null : text["journal.needs_words"];
        if (problem is null)
        {
            var added = await journal.AddAsync(form.Page.User!.Name, form["title"], form["text"], form["tags"].Split(',', ' '), form["subject"], null, cancellationToken);
            if (added.IsSuccess)
                return FormOutcome.Done(PageLink.To("journal"), "note_added");
            problem = text["common.database", added.Fault!.Message];
        }

        return FormOutcome.Wrong<JournalPage>(new Dictionary<string, object?> { [nameof(JournalPage.Draft)] = new NoteDraft(form["title"], form["text"], form["tags"], form["subject"], problem) });
    }

    private static IAsyncEnumerable<StoreOutcome<IReadOnlyList<JournalEntry>>> All(ConsoleContext page, JournalAdmin journal) => journal.PagesAsync(QueryOf(page) with { After = null }, page.Aborted);

    // Its own address stands in a feed, and readers keep it; one with a secret in it is nobody's identity.
    private static async Task FeedAsync(ConsoleContext page, JournalAdmin journal)
    {
        var newest = await journal.PageAsync(QueryOf(page) with { Limit = FeedEntries }, page.Aborted);
        var request = page.Http.Request;
        var feed = JournalFeed.Write(
            newest.IsSuccess ? newest.Value.Entries : [], page.Text["journal.feed_title"], new Uri($"{request.Scheme}://{request.Host}{ConsolePaths.Root}/journal.atom"), page.Text.Now.ToUnixTimeMilliseconds());
        page.Http.Response.ContentType = JournalFeed.MediaType + "; charset=utf-8";
        await page.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(feed), page.Aborted);
    }
}

/// <summary>A note as it was typed, and what is wrong with it.</summary>
public sealed record NoteDraft(string Title, string Text, string Tags, string Subject, string? Problem);
