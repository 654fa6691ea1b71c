using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Connect;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Connect;

/// <summary>How a client is pointed here: what to paste, with a model and a key filled in.</summary>
internal static class ConnectPages
{
    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var keys = services.GetRequiredService<KeyAdmin>();
        routes.Page<ConnectPage>("/connect");
        routes.Form("/connect", Access.Operate, (form, cancellation) => MakeKeyAsync(form, keys, cancellation));
    }

    /// <summary>The recipe that is meant; the first, Claude Code's, where none is.</summary>
    public static ClientRecipe Recipe(string? name) => ClientRecipes.All.FirstOrDefault(recipe => recipe.Name == name) ?? ClientRecipes.All[0];

    private static async ValueTask<FormOutcome> MakeKeyAsync(SentForm form, KeyAdmin keys, CancellationToken cancellationToken)
    {
        var choice = new Dictionary<string, object?> { [nameof(ConnectPage.Client)] = form["client"], [nameof(ConnectPage.Model)] = form["model"], [nameof(ConnectPage.KeyName)] = form["key_name"] };
        var problem = LimitText.NameProblem("A key", form["key_name"]) is null ? null : form.Page.Text["keys.name_wrong"];
        if (problem is null)
        {
            var created = await keys.CreateAsync(new KeyRequest { Name = form["key_name"], By = form.Page.User!.Name }, cancellationToken);
            if (created.IsSuccess)
                return FormOutcome.ShowOnce<ConnectPage>(new Dictionary<string, object?>(choice) { [nameof(ConnectPage.Secret)] = created.Value.Secret, [nameof(ConnectPage.KeyId)] = created.Value.Record.Id });
            problem = created.Fault!.Kind == StoreFaultKind.Conflict ? form.Page.Text["keys.name_taken"] : created.Fault.Message;
        }

        return FormOutcome.Wrong<ConnectPage>(new Dictionary<string, object?>(choice) { [nameof(ConnectPage.Problem)] = problem });
    }
}
