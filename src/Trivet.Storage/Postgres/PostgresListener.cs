using Npgsql;

namespace Trivet.Storage.Postgres;

/// <summary>
/// Waits for <c>NOTIFY</c> on a connection of its own, and never longer than a poll interval: a connection that died without a word, or a pooler
/// that swallows notifications (PgBouncer in transaction mode), then costs a second at most and no change is missed.
/// </summary>
internal sealed class PostgresListener(NpgsqlDataSource source, string name) : ISignalListener
{
    public const string ChannelPrefix = "trivet_";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(800);

    private NpgsqlConnection? _connection;

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_connection is null)
            {
                _connection = await source.OpenConnectionAsync(cancellationToken);
                await using var command = new NpgsqlCommand($"LISTEN {ChannelPrefix}{name}", _connection);
                await command.ExecuteNonQueryAsync(cancellationToken);

                // A change between the caller's last look and LISTEN was not announced to us: look again at once.
                return false;
            }

            return await _connection.WaitAsync(PollInterval, cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null)
            await connection.DisposeAsync();
    }
}
