using Frontdesk.Storage;
using Holdfast.Client;

namespace Frontdesk.Erasing;

/// <summary>What Holdfast was answered, kept in the transaction that erases.</summary>
public sealed record KeptAnswer
{
    /// <summary>JSON.</summary>
    public required string Answer { get; init; }

    /// <summary>Null while the files may still be there.</summary>
    public long? DoneAt { get; init; }
}

/// <summary>
/// The log of webhooks, in the database that is erased from: what is restored with an old backup is erased again, because the log was restored with it. What is under way is this process's: one that was killed leaves nothing that has to be waited for.
/// </summary>
public sealed class ErasureLog(Db db, TimeProvider clock) : IHoldfastWebhookLog
{
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);

    internal static KeptAnswer? Find(Tx tx, string message) => tx.One<KeptAnswer>("SELECT answer, done_at FROM erasures WHERE message_id = @message", new { message });

    internal static void Keep(Tx tx, string message, string answer) => tx.Execute("INSERT INTO erasures (message_id, answer) VALUES (@message, @answer)", new { message, answer });

    /// <inheritdoc/>
    public ValueTask<WebhookStanding> Begin(string id, CancellationToken stop) => ValueTask.FromResult(db.Run(tx =>
        Find(tx, id) is { DoneAt: not null } done ? new WebhookStanding(WebhookState.Done, done.Answer) : new WebhookStanding(_underWay.Add(id) ? WebhookState.New : WebhookState.UnderWay)));

    /// <inheritdoc/>
    public ValueTask Done(string id, string answer, CancellationToken stop)
    {
        db.Run(tx =>
        {
            tx.Execute("INSERT INTO erasures (message_id, answer, done_at) VALUES (@id, @answer, @now) ON CONFLICT DO UPDATE SET answer = @answer, done_at = @now", new { id, answer, now = clock.GetUtcNow().ToUnixTimeMilliseconds() });
            return _underWay.Remove(id);
        });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask Failed(string id, CancellationToken stop)
    {
        db.Run(tx => _underWay.Remove(id));
        return ValueTask.CompletedTask;
    }
}
