using Trivet.Core.Yaml;

namespace Trivet.Core.Upstreams.Accounts;

/// <summary>The keys of a profile's <c>account:</c>.</summary>
internal static class AccountShape
{
    public static ObjectShape<AccountReading> Keys()
    {
        var texts = new ListShape<string>(Shapes.Text);
        return new ObjectShape<AccountReading>(() => new AccountReading())
            .Key("tells", "balance or quota.", Shapes.Word<AccountKind>(), (reading, value) => reading with { Kind = value }, required: true)
            .Key("sites", "The sites that it is for. Default: all.", texts, (reading, value) => reading with { Sites = value })
            .Key("path", "Its path at the upstream's host.", Shapes.Text, (reading, value) => reading with { Path = value }, required: true)
            .Key("source", "Where that was read.", Shapes.Text, (reading, value) => reading with { Source = value }, required: true)
            .Key("checked", "When.", Shapes.Date, (reading, value) => reading with { Checked = value }, required: true)
            .Key("items", "The list whose items are read.", Shapes.Text, (reading, value) => reading with { Items = value })
            .Key("amount", "An amount of money.", Shapes.Text, (reading, value) => reading with { Amount = value })
            .Key("used", "What is taken off it.", Shapes.Text, (reading, value) => reading with { Used = value })
            .Key("granted", "How much of it was given.", Shapes.Text, (reading, value) => reading with { Granted = value })
            .Key("currency", "Its currency. Default: that in which the site bills.", Shapes.Text, (reading, value) => reading with { Currency = value })
            .Key("currency_is", "Its currency, where the vendor has but one.", Shapes.Text, (reading, value) => reading with { CurrencyIs = value })
            .Key("window", "What tells windows apart.", texts, (reading, value) => reading with { Window = value })
            .Key("windows", "Names of windows by that.", new MapShape<string>(Shapes.Text), (reading, value) => reading with { Windows = value.ToDictionary(entry => entry.Key == "-" ? "" : entry.Key, entry => entry.Value, StringComparer.Ordinal) })
            .Key("limit", "The size of a window's quota.", Shapes.Text, (reading, value) => reading with { Limit = value })
            .Key("remaining", "What is left of it.", Shapes.Text, (reading, value) => reading with { Remaining = value })
            .Key("used_percent", "How much is used.", Shapes.Text, (reading, value) => reading with { UsedPercent = value })
            .Key("resets", "When it is whole again.", Shapes.Text, (reading, value) => reading with { Resets = value });
    }
}
