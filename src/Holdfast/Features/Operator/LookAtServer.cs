using Holdfast.Features.Sessions;
using Holdfast.Outbox;
using Holdfast.Storage;

namespace Holdfast.Features.Operator;

/// <param name="LettersWaiting">In the outbox, not sent yet.</param>
/// <param name="OldestLetter">Since when the oldest of them waits; null when none does.</param>
public sealed record ServerState(long LiveSessions, long LettersWaiting, DateTimeOffset? OldestLetter);

/// <summary>How the server stands, for those who run it.</summary>
public sealed class LookAtServer(Db db)
{
    public Task<ServerState> Run() => db.Read(async tx =>
    {
        var letters = await OutboxTable.State(tx);
        return new ServerState(await SessionTable.CountLive(tx), letters?.Waiting ?? 0, letters?.Oldest);
    });
}
