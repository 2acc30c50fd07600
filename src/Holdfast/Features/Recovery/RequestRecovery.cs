using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.SignIn;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <summary>What somebody asked for, and from where.</summary>
/// <param name="Email">As it was typed.</param>
internal sealed record RecoveryRequest(string Email, string Address, string UserAgent, string Hints);

/// <summary>
/// "Forgot password?": writes down that somebody asked, and nothing else. Whether there is such an account is looked up later, in the background (<see cref="AnswerRecovery"/>), so that neither the answer nor its time
/// can tell (ASVS 6.3.8).
/// </summary>
public sealed class RequestRecovery(Db db, AskQuietly queue, Throttle throttle, MailResetLink mail, TimeProvider clock, HoldfastSettings settings)
{
    internal const string Kind = "recovery";

    /// <summary>Refuses with <c>form.required</c>, <c>form.email</c> (400), <c>recovery.network_wait</c> (429), <c>recovery.busy</c> (503): none of it depends on who has an account.</summary>
    public async Task<Outcome<Done>> Run(string email, Client client)
    {
        var typed = email.Trim();
        if (Fields.Email(typed, "email") is { } wrong) return wrong;
        var request = JsonSerializer.SerializeToUtf8Bytes(new RecoveryRequest(typed, client.Address, client.UserAgent, client.Hints), RecoveryJson.Default.RecoveryRequest);
        return await db.Write<Outcome<Done>>(async tx =>
        {
            if (await throttle.ChargeNetwork(tx, Throttle.Recovery, client, settings.Recovery.NetworkLimit, "recovery.network_wait", clock.GetUtcNow()) is { } full) return full;
            return await queue.Run(tx, Kind, request) ? Done.It : AskQuietly.Busy("recovery.busy");
        });
    }

    /// <summary>
    /// An admin starts it for somebody, within a transaction of theirs: the same letter, the same limits, an entry that names the admin (ASVS 6.4.6). The admin never sees the link. Whether they may is for the caller to decide.
    /// Refuses with <c>recovery.just_sent</c> (429).
    /// </summary>
    /// <param name="requestedBy">The admin's account id.</param>
    /// <param name="workspace">Id of the workspace in which they are an admin.</param>
    /// <param name="client">Of the admin.</param>
    /// <param name="apiKey">Id of the key with which a program acts in the admin's name; null when they act themselves.</param>
    public async Task<Outcome<Done>> ForAccount(WriteTx tx, Account account, string requestedBy, string workspace, Client client, string? apiKey = null) =>
        await mail.Run(tx, account, new AuditEvent(AuditKind.RecoveryStarted, account.Id, client) { ActorId = requestedBy, WorkspaceId = workspace, Data = apiKey is null ? [] : new Dictionary<string, string> { ["apiKey"] = apiKey } }, clock.GetUtcNow()) is { } wait
            ? new Refusal("recovery.just_sent", 429, RetryAfter: wait)
            : Done.It;
}

[JsonSerializable(typeof(RecoveryRequest))]
internal sealed partial class RecoveryJson : JsonSerializerContext;
