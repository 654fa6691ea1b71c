using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Log;

namespace Trivet.Sandbox.Http;

/// <summary>How an account stands, in the shapes of the vendors that tell it: DeepSeek, Moonshot, SiliconFlow and OpenRouter money, Zhipu and Kimi quotas.</summary>
internal static class AccountEndpoints
{
    /// <summary>Paths and what is answered there.</summary>
    public static IReadOnlyDictionary<string, Action<Utf8JsonWriter, SandboxAccount>> All { get; } = new Dictionary<string, Action<Utf8JsonWriter, SandboxAccount>>
    {
        ["/user/balance"] = DeepSeek,
        ["/v1/users/me/balance"] = Moonshot,
        ["/v1/user/info"] = SiliconFlow,
        ["/api/v1/credits"] = OpenRouter,
        ["/api/monitor/usage/quota/limit"] = Zhipu,
        ["/coding/v1/usages"] = Kimi,
    };

    public static async Task AnswerAsync(SandboxState state, HttpContext http, Action<Utf8JsonWriter, SandboxAccount> write)
    {
        var log = LogWriter.Open(state, http, null, null);
        var key = SandboxServer.Chat.Credential(http.Request);
        if (key is null || (state.Options.ApiKeys.Count > 0 && !state.Options.ApiKeys.Contains(key)))
        {
            await ModelEndpoints.WriteAsync(http, log, 401, json => SandboxServer.Chat.WriteError(json, SandboxServer.Chat.MissingCredential(), state.NextRequestId()));
            return;
        }

        await ModelEndpoints.WriteAsync(http, log, 200, json => write(json, state.Options.Account));
    }

    private static void DeepSeek(Utf8JsonWriter json, SandboxAccount account)
    {
        json.WriteStartObject();
        json.WriteBoolean("is_available"u8, account.Paid + account.Granted > 0);
        json.WriteStartArray("balance_infos"u8);
        json.WriteStartObject();
        json.WriteString("currency"u8, account.Currency);
        json.WriteString("total_balance"u8, Text(account.Paid + account.Granted));
        json.WriteString("granted_balance"u8, Text(account.Granted));
        json.WriteString("topped_up_balance"u8, Text(account.Paid));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Moonshot(Utf8JsonWriter json, SandboxAccount account)
    {
        json.WriteStartObject();
        json.WriteNumber("code"u8, 0);
        json.WriteStartObject("data"u8);
        json.WriteNumber("available_balance"u8, account.Paid + account.Granted);
        json.WriteNumber("voucher_balance"u8, account.Granted);
        json.WriteNumber("cash_balance"u8, account.Paid);
        json.WriteEndObject();
        json.WriteString("scode"u8, "0x0"u8);
        json.WriteBoolean("status"u8, true);
        json.WriteEndObject();
    }

    private static void SiliconFlow(Utf8JsonWriter json, SandboxAccount account)
    {
        json.WriteStartObject();
        json.WriteNumber("code"u8, 20000);
        json.WriteString("message"u8, "OK"u8);
        json.WriteBoolean("status"u8, true);
        json.WriteStartObject("data"u8);
        json.WriteString("id"u8, "sandbox"u8);
        json.WriteString("balance"u8, Text(account.Granted));
        json.WriteString("status"u8, "normal"u8);
        json.WriteString("chargeBalance"u8, Text(account.Paid));
        json.WriteString("totalBalance"u8, Text(account.Paid + account.Granted));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Credits ever bought, and what of them is gone.
    private static void OpenRouter(Utf8JsonWriter json, SandboxAccount account)
    {
        json.WriteStartObject();
        json.WriteStartObject("data"u8);
        json.WriteNumber("total_credits"u8, account.Paid + account.Granted + account.Spent);
        json.WriteNumber("total_usage"u8, account.Spent);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Zhipu(Utf8JsonWriter json, SandboxAccount account)
    {
        json.WriteStartObject();
        json.WriteNumber("code"u8, 200);
        json.WriteBoolean("success"u8, true);
        json.WriteStartObject("data"u8);
        json.WriteStartArray("limits"u8);
        Limit("TOKENS_LIMIT", 3, 5, account.FiveHoursUsedPercent, account.FiveHoursResetsAt);
        Limit("TOKENS_LIMIT", 6, 1, account.WeekUsedPercent, account.WeekResetsAt);
        json.WriteEndArray();
        json.WriteString("level"u8, "sandbox"u8);
        json.WriteEndObject();
        json.WriteEndObject();

        void Limit(string type, int unit, int number, int percent, DateTimeOffset resetsAt)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteNumber("unit"u8, unit);
            json.WriteNumber("number"u8, number);
            json.WriteNumber("percentage"u8, percent);
            json.WriteNumber("nextResetTime"u8, resetsAt.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }
    }

    // Kimi counts in hundredths of the quota, as text.
    private static void Kimi(Utf8JsonWriter json, SandboxAccount account)
    {
        json.WriteStartObject();
        Detail("usage", account.WeekUsedPercent, account.WeekResetsAt);
        json.WriteStartArray("limits"u8);
        json.WriteStartObject();
        json.WriteStartObject("window"u8);
        json.WriteNumber("duration"u8, 300);
        json.WriteString("timeUnit"u8, "TIME_UNIT_MINUTE"u8);
        json.WriteEndObject();
        Detail("detail", account.FiveHoursUsedPercent, account.FiveHoursResetsAt);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();

        void Detail(string name, int percent, DateTimeOffset resetsAt)
        {
            json.WriteStartObject(name);
            json.WriteString("limit"u8, "100"u8);
            json.WriteString("remaining"u8, (100 - percent).ToString(CultureInfo.InvariantCulture));
            json.WriteString("resetTime"u8, resetsAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
    }

    private static string Text(decimal amount) => amount.ToString("0.00######", CultureInfo.InvariantCulture);
}
