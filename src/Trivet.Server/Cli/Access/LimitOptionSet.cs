using System.CommandLine;
using Trivet.Core.Admin;
using Trivet.Core.Keys;
using Trivet.Core.Limits;

namespace Trivet.Server.Cli.Access;

/// <summary>The options that change what a key, a team or an organisation may do.</summary>
internal sealed class LimitOptionSet
{
    private readonly Option<string[]> _budget = new("--budget") { Description = "What its keys may spend together, such as 50USD/month; several for several windows, 'none' for no limit", HelpName = "MONEY", AllowMultipleArgumentsPerToken = true };
    private readonly Option<int?> _requests = new("--rpm") { Description = "Requests per minute; 0 for no limit", HelpName = "N" };
    private readonly Option<int?> _tokens = new("--tpm") { Description = "Tokens per minute; 0 for no limit", HelpName = "N" };
    private readonly Option<int?> _concurrent = new("--concurrent") { Description = "Requests at a time; 0 for no limit", HelpName = "N" };
    private readonly Option<string?> _models = new("--models") { Description = "Models its keys may ask for, such as 'deepseek-*'; 'all' for every one", HelpName = "A,B" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_budget, _requests, _tokens, _concurrent, _models])
            command.Options.Add(option);
    }

    /// <summary>Adds what was typed to a change. False where that makes no sense; it has been said.</summary>
    public bool TryRead<T>(VerbContext context, ParseResult result, ref T change)
        where T : LimitChange
    {
        IReadOnlyList<Budget>? budgets = null;
        if (result.GetValue(_budget) is { Length: > 0 } texts && !LimitText.TryReadBudgets(string.Join(',', texts), out budgets))
        {
            context.Wrong($"--budget {string.Join(',', texts)}: write {LimitText.BudgetForms}.");
            return false;
        }

        if (result.GetValue(_requests) < 0 || result.GetValue(_tokens) < 0 || result.GetValue(_concurrent) < 0)
        {
            context.Wrong("--rpm, --tpm and --concurrent want a number above 0, or 0 for no limit.");
            return false;
        }

        change = (T)(LimitChange)(change with
        {
            Budgets = budgets,
            RequestsPerMinute = result.GetValue(_requests),
            TokensPerMinute = result.GetValue(_tokens),
            ConcurrentMax = result.GetValue(_concurrent),
            AllowedModels = result.GetValue(_models) is { } models ? LimitText.ReadModels(models) : null,
        });
        return true;
    }
}
