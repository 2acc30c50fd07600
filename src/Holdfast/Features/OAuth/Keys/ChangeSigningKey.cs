using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>
/// Changes the key that signs before its time: by schedule's own rules, or at once when it may have leaked. Then every key before it is gone, public part and all: nothing that it signs is believed from then on, at most a minute
/// later on nodes that missed the announcement.
/// </summary>
public sealed class ChangeSigningKey(Db db, SigningKeys keys, TimeProvider clock)
{
    public const string Topic = "signing-keys";

    /// <param name="leaked">Sign with the new one at once, and forget those before.</param>
    /// <returns>The new one; refused with <c>signing_key.next_is_out</c> (409) when the next key is published already, and nothing leaked.</returns>
    public async Task<Outcome<SigningKeyRow>> Run(bool leaked)
    {
        var made = await db.Write<Outcome<SigningKeyRow>>(tx => Run(tx, leaked));
        keys.Forget();
        return made;
    }

    private async Task<Outcome<SigningKeyRow>> Run(WriteTx tx, bool leaked)
    {
        var now = clock.GetUtcNow();
        var known = await SigningKeyTable.All(tx);
        if (!leaked && known is [var newest, ..] && newest.SignsFrom > now) return new Refusal("signing_key.next_is_out", 409);
        var number = known is [var last, ..] ? last.Number + 1 : 1;
        var row = keys.New(number, now, leaked || known.Count == 0 ? now : now + SigningKeys.Overlap);
        // A server made one of this number at this very moment: looked at again.
        while (!await SigningKeyTable.Insert(tx, row)) row = keys.New(++number, now, row.SignsFrom);
        if (leaked) await SigningKeyTable.DeleteBefore(tx, number);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SigningKeyChanged, "", Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["key"] = row.Id, ["why"] = leaked ? "leaked" : "early", ["by"] = "command_line" } });
        tx.Announce(new Announcement(Topic, ""));
        return row;
    }
}
