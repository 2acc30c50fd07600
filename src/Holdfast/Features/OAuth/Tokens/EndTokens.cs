using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>What applications hold of a person ends with what it hangs on, in the transaction that ends that: nothing has to be remembered by whoever ends a session.</summary>
public static class EndTokens
{
    /// <summary>The session is over: its tokens are, and each application that had some is told (OpenID Connect Back-Channel Logout 1.0 §2.5).</summary>
    public static async Task OfSession(WriteTx tx, string accountId, string sessionId, DateTimeOffset now)
    {
        var told = await TokenTable.EndOfSession(tx, accountId, sessionId, now);
        foreach (var client in told) await LogoutTable.Insert(tx, Ids.New(now), accountId, sessionId, client, now);
        if (told.Count > 0) tx.Announce(new Announcement(SendLogouts.Topic, ""));
    }
}
