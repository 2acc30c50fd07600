using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Setup;

public sealed record SetUpForm(string Name, string Workspace, string Email, PlainPassword Password, string? Zone);

/// <summary>The first account: owner of the first workspace, and operator. Opened by a one-time link that the start prints; no default account exists (ASVS 6.3.2).</summary>
public sealed class SetUp(Db db, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, OpenAccount open, PasswordSettings settings, TimeProvider clock)
{
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(1);

    /// <returns>A new link's secret, which ends all earlier ones; null when the first account exists.</returns>
    public Task<SecretToken?> MakeLink() => db.Write<SecretToken?>(async tx =>
    {
        if (await AccountTable.Any(tx)) return null;
        var now = clock.GetUtcNow();
        var token = SecretToken.New();
        await SetupTable.ReplaceLink(tx, token.Hash, now, now + LinkLifetime);
        return token;
    });

    /// <returns>When the link ends; null when it is unknown, used or over.</returns>
    public Task<DateTimeOffset?> OpenUntil(TokenHash token) => db.Read(tx => SetupTable.OpenUntil(tx, token, clock.GetUtcNow()));

    /// <summary>Refuses with <c>setup.link_over</c> (403), <c>setup.done</c> (409), and at the fields <c>form.required</c>, <c>form.too_long</c>, <c>form.email</c> and what <see cref="CheckPassword"/> refuses (400).</summary>
    public async Task<Outcome<SignInResult>> Run(TokenHash link, SetUpForm form, Client client)
    {
        if (await OpenUntil(link) is null) return SetupRefusals.LinkOver;
        var (name, workspace, email) = (form.Name.Trim(), form.Workspace.Trim(), form.Email.Trim());
        var context = contexts.Of(name, email, [workspace]);
        var score = await check.Run(form.Password, context, "password");
        if (Refusal.Combine([Fields.Line(name, "name", Account.MaximumNameLength), Fields.Line(workspace, "workspace", 100), Fields.Email(email, "email"), score.Refusal]) is { } wrong) return wrong;
        var hash = await hasher.Hash(form.Password);
        if (!hash.Ok) return hash.Refusal;
        return await db.Write<Outcome<SignInResult>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (!await SetupTable.UseLink(tx, link, now)) return SetupRefusals.LinkOver;
            if (await AccountTable.Any(tx) || !await SetupTable.Finish(tx, now))
            {
                tx.Undo();
                return SetupRefusals.Done;
            }
            var account = new Account { Id = Ids.New(now), Email = email, Name = name, TimeZone = TimeZones.IsKnown(form.Zone) ? form.Zone : null, OperatorSince = now, CreatedAt = now };
            await OpenAccount.Keep(tx, account, new ChosenPassword(hash.Value, score.Value, settings.LongestRuleMet(form.Password.CodePoints)), now);
            var workspaceId = await WorkspaceTable.Insert(tx, workspace, now);
            await WorkspaceTable.AddMember(tx, workspaceId, account.Id, "owner", now);
            return await open.SignIn(tx, account, ProofMethod.SetupLink, "setup", workspaceId, client, now);
        });
    }
}

public static class SetupRefusals
{
    public static readonly Refusal LinkOver = new("setup.link_over", 403);
    public static readonly Refusal Done = new("setup.done", 409);
}

/// <summary>Every statement on set-up links.</summary>
public static class SetupTable
{
    public static async Task ReplaceLink(WriteTx tx, TokenHash token, DateTimeOffset now, DateTimeOffset endsAt)
    {
        await tx.Execute("DELETE FROM setup_links");
        await tx.Execute("INSERT INTO setup_links (token_hash, created_at, ends_at) VALUES (@token, @now, @endsAt)", new { token, now, endsAt });
    }

    public static async Task<DateTimeOffset?> OpenUntil(ReadTx tx, TokenHash token, DateTimeOffset now) =>
        await tx.One<long?>("SELECT ends_at FROM setup_links WHERE token_hash = @token AND used_at IS NULL AND ends_at > @now", new { token, now }) is { } ends ? DateTimeOffset.FromUnixTimeMilliseconds(ends) : null;

    public static async Task<bool> UseLink(WriteTx tx, TokenHash token, DateTimeOffset now) =>
        await tx.Execute("UPDATE setup_links SET used_at = @now WHERE token_hash = @token AND used_at IS NULL AND ends_at > @now", new { token, now }) == 1;

    /// <returns>False when another set-up was quicker, on this node or another.</returns>
    public static async Task<bool> Finish(WriteTx tx, DateTimeOffset now) =>
        await tx.Execute("INSERT INTO server_facts (name, value) VALUES ('set_up', @at) ON CONFLICT (name) DO NOTHING", new { at = now.ToString("O", System.Globalization.CultureInfo.InvariantCulture) }) == 1;
}
