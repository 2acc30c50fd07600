using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Accounts;

/// <summary>Who runs the product. The last operator stays: without one nobody could make another but at the server's command line.</summary>
public sealed class ChangeOperators(Db db, TimeProvider clock)
{
    /// <summary>Refuses with <c>account.unknown</c> (404) and <c>operator.already</c> (409).</summary>
    public Task<Outcome<Account>> Add(string email) => db.Write<Outcome<Account>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (await AccountTable.ByEmail(tx, email) is not { } account) return AccountRefusals.Unknown;
        if (!await AccountTable.MakeOperator(tx, account.Id, now)) return OperatorRefusals.Already;
        await Tell(tx, AuditKind.OperatorAdded, account, now);
        return account;
    });

    /// <summary>Refuses with <c>account.unknown</c> (404), <c>operator.none</c> and <c>operator.last</c> (409).</summary>
    public Task<Outcome<Account>> Remove(string email) => db.Write<Outcome<Account>>(async tx =>
    {
        if (await AccountTable.ByEmail(tx, email) is not { } account) return AccountRefusals.Unknown;
        if (!account.IsOperator) return OperatorRefusals.None;
        if (!await AccountTable.RemoveOperator(tx, account.Id)) return OperatorRefusals.Last;
        await Tell(tx, AuditKind.OperatorRemoved, account, clock.GetUtcNow());
        return account;
    });

    private static async Task Tell(WriteTx tx, string kind, Account account, DateTimeOffset now)
    {
        await AuditLog.Record(tx, now, new AuditEvent(kind, account.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["by"] = "command_line" } });
        tx.Announce(new Announcement("account", account.Id));
    }
}

public static class OperatorRefusals
{
    public static readonly Refusal Already = new("operator.already", 409);
    public static readonly Refusal None = new("operator.none", 409);
    public static readonly Refusal Last = new("operator.last", 409);
}
