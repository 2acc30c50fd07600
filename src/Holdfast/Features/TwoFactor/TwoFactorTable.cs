using System.Globalization;
using Dapper;
using Holdfast.Features.Passkeys;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Sessions;
using Holdfast.Storage;

namespace Holdfast.Features.TwoFactor;

/// <summary>Every statement on where people stand with two-factor.</summary>
public static class TwoFactorTable
{
    /// <summary>All of a person's factors and their standing. A new kind of factor is read here.</summary>
    public static async Task<Factors> Of(ReadTx tx, string accountId)
    {
        var standing = await tx.One<Standing>("SELECT required_since, grace_until, codes_saved_at, new_device_since, new_device_put_off_at FROM two_factor WHERE account_id = @accountId", new { accountId });
        var apps = await TotpTable.Confirmed(tx, accountId);
        var passkeys = await PasskeyTable.Of(tx, accountId);
        var left = apps.Count + passkeys.Count > 0 ? await RecoveryCodeTable.Left(tx, accountId) : 0;
        Factor[] all =
        [
            .. apps.Select(app => new Factor(ProofMethod.Totp, app.Id, app.Name, app.ConfirmedAt!.Value, app.LastUsedAt)),
            .. passkeys.Select(passkey => new Factor(ProofMethod.Passkey, passkey.Id, passkey.Name, passkey.AddedAt, passkey.LastUsedAt) { IsTaken = passkey.IsTaken }),
        ];
        return new Factors([.. all.OrderBy(f => f.AddedAt).ThenBy(f => f.Id, StringComparer.Ordinal)], left, (standing ?? new Standing()) with { OpenReset = await ResetCaseTable.OpenState(tx, accountId) });
    }

    /// <summary>Holds a person's factors until the transaction ends: what is read after this stays true in it.</summary>
    public static Task Hold(WriteTx tx, string accountId) => Upsert(tx, accountId, "codes_saved_at = two_factor.codes_saved_at");

    /// <summary>Writes down that a rule meets this person, the first time that it does.</summary>
    public static Task Meet(WriteTx tx, string accountId, DateTimeOffset now) => Upsert(tx, accountId, "required_since = COALESCE(two_factor.required_since, @now)", now, "required_since");

    /// <summary>Gives a person until <paramref name="until"/>, whatever the settings say.</summary>
    public static Task GiveGrace(WriteTx tx, string accountId, DateTimeOffset since, DateTimeOffset until) => tx.Execute(
        "INSERT INTO two_factor (account_id, required_since, grace_until) VALUES (@accountId, @since, @until) ON CONFLICT (account_id) DO UPDATE SET required_since = @since, grace_until = @until", new { accountId, since, until });

    /// <param name="savedAt">Null when codes were made that nobody has said to be saved.</param>
    public static Task SetCodesSaved(WriteTx tx, string accountId, DateTimeOffset? savedAt) => Upsert(tx, accountId, "codes_saved_at = @now", savedAt, "codes_saved_at");

    /// <summary>A recovery code was used: a device is probably lost.</summary>
    public static Task WantNewDevice(WriteTx tx, string accountId, DateTimeOffset now) =>
        Upsert(tx, accountId, "new_device_since = COALESCE(two_factor.new_device_since, @now), new_device_put_off_at = NULL", now, "new_device_since");

    /// <returns>False when nothing was wanted.</returns>
    public static async Task<bool> PutOffNewDevice(WriteTx tx, string accountId, DateTimeOffset now) =>
        await tx.Execute("UPDATE two_factor SET new_device_put_off_at = @now WHERE account_id = @accountId AND new_device_since IS NOT NULL AND new_device_put_off_at IS NULL", new { accountId, now }) == 1;

    /// <summary>The new device is there, or the old one has turned up.</summary>
    /// <returns>False when nothing was wanted.</returns>
    public static async Task<bool> WantNoNewDevice(WriteTx tx, string accountId) =>
        await tx.Execute("UPDATE two_factor SET new_device_since = NULL, new_device_put_off_at = NULL WHERE account_id = @accountId AND new_device_since IS NOT NULL", new { accountId }) == 1;

    /// <summary>Two-factor is off: what was noted about codes and devices goes. Since when a rule asks for it stays.</summary>
    public static Task Clear(WriteTx tx, string accountId) =>
        tx.Execute("UPDATE two_factor SET codes_saved_at = NULL, new_device_since = NULL, new_device_put_off_at = NULL WHERE account_id = @accountId", new { accountId });

    /// <summary>Whom a rule for these roles, or one of a workspace's own, meets without two-factor, by address.</summary>
    /// <param name="roles">Names of <c>TwoFactor:RequiredForRoles</c>.</param>
    public static Task<List<WithoutTwoFactor>> Without(ReadTx tx, IReadOnlyList<string> roles)
    {
        var args = new DynamicParameters(new { operators = Names("operator"), members = Names("member"), admins = Names("admin") });
        for (var i = 0; i < roles.Count; i++) args.Add(string.Create(CultureInfo.InvariantCulture, $"role{i}"), roles[i]);
        var named = roles.Count == 0 ? "''" : string.Join(", ", roles.Select((_, i) => $"@role{i}"));
        return tx.Many<WithoutTwoFactor>(
            $"""
            SELECT a.id AS account_id, a.email, a.name, a.operator_since, t.required_since, t.grace_until
            FROM accounts a LEFT JOIN two_factor t ON t.account_id = a.id
            WHERE ((@operators = 1 AND a.operator_since IS NOT NULL) OR EXISTS (
                SELECT 1 FROM members m JOIN workspaces w ON w.id = m.workspace_id AND w.closed_at IS NULL LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role
                WHERE m.account_id = a.id AND m.suspended_at IS NULL
                  AND (m.role IN ({named}) OR w.everyone_since IS NOT NULL OR (r.id IS NOT NULL AND (@members = 1 OR (@admins = 1 AND r.acts = 1))))))
              AND NOT EXISTS (SELECT 1 FROM totp_apps p WHERE p.account_id = a.id AND p.confirmed_at IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.account_id = a.id)
            ORDER BY a.email_canonical, a.id
            """,
            args);

        int Names(string role) => roles.Contains(role, StringComparer.Ordinal) ? 1 : 0;
    }

    private static Task<int> Upsert(WriteTx tx, string accountId, string set, DateTimeOffset? now = null, string? column = null) => tx.Execute(
        $"INSERT INTO two_factor (account_id{(column is null ? "" : ", " + column)}) VALUES (@accountId{(column is null ? "" : ", @now")}) ON CONFLICT (account_id) DO UPDATE SET {set}", new { accountId, now });
}

/// <summary>Somebody whom a rule asks for two-factor and who has none.</summary>
public sealed record WithoutTwoFactor
{
    public required string AccountId { get; init; }

    public required string Email { get; init; }

    public required string Name { get; init; }

    public DateTimeOffset? OperatorSince { get; init; }

    public DateTimeOffset? RequiredSince { get; init; }

    public DateTimeOffset? GraceUntil { get; init; }
}
