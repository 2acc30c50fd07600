using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>What applications hold of a person ends with what it hangs on, in the transaction that ends that: nothing has to be remembered by whoever ends a session.</summary>
public static class EndTokens
{
    /// <summary>The session is over: its tokens are, and each application that had some is told (OpenID Connect Back-Channel Logout 1.0 §2.5).</summary>
    public static async Task OfSession(WriteTx tx, string accountId, string sessionId, DateTimeOffset now)
    {
        await TokenTable.EndOfSession(tx, accountId, sessionId, now);
        // Those whose tokens ended before as well: what they opened with them may still be open.
        await Tell(tx, accountId, [.. (await TokenTable.ClientsOf(tx, accountId, sessionId)).Select(client => (client, sessionId))], now);
    }

    /// <summary>What a person allowed is taken back: the same for each session in which it was used.</summary>
    public static async Task OfGrant(WriteTx tx, string accountId, string grantId, DateTimeOffset now) => await Tell(tx, accountId, await TokenTable.EndOfGrant(tx, accountId, grantId, now), now);

    /// <summary>All that came of one code: the same.</summary>
    /// <returns>False when it was over already.</returns>
    public static async Task<bool> OfFamily(WriteTx tx, string accountId, string familyId, string reason, DateTimeOffset now)
    {
        if (!await TokenTable.End(tx, accountId, familyId, reason, now) || await TokenTable.FamilyOf(tx, accountId, familyId) is not { } family) return false;
        await Tell(tx, accountId, [(family.ClientId, family.SessionId)], now);
        return true;
    }

    private static async Task Tell(WriteTx tx, string accountId, IReadOnlyList<(string Client, string Session)> told, DateTimeOffset now)
    {
        foreach (var (client, session) in told) await LogoutTable.Insert(tx, Ids.New(now), accountId, session, client, now);
        if (told.Count > 0) tx.Announce(new Announcement(SendLogouts.Topic, ""));
    }
}
