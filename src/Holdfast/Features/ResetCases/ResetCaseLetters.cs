using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.NotMe;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.ResetCases;

/// <summary>Puts the letters about a case into the outbox, in the transaction of what they tell of.</summary>
public sealed class ResetCaseLetters(SendLetters outbox, HoldfastSettings settings)
{
    /// <summary>The person, with the link that stops it; every operator who may decide it.</summary>
    public async Task Requested(WriteTx tx, Account person, ResetCase about, CaseRequest request, SecretToken stop, DateTimeOffset now)
    {
        await ToPerson(tx, person, "asked", about, request, null, stop, now);
        foreach (var one in await AccountTable.ListOperators(tx))
        {
            if (one.Id != person.Id && one.Id != about.RequestedBy) await Tell(tx, one, "operator_asked", about, request, now, open: true);
        }
    }

    public async Task Approved(WriteTx tx, Account person, ResetCase about, CaseRequest request, CaseDecision decision, SecretToken stop, DateTimeOffset now)
    {
        await ToPerson(tx, person, "waiting", about, request, decision, stop, now);
        await ToRequester(tx, "requester_waiting", about, request, now);
    }

    public Task Reminder(WriteTx tx, Account person, ResetCase about, CaseRequest request, CaseDecision decision, SecretToken stop, DateTimeOffset now) => ToPerson(tx, person, "reminder", about, request, decision, stop, now);

    /// <summary>The end of it, whichever it is.</summary>
    /// <param name="person">Null when the account is gone.</param>
    public async Task Closed(WriteTx tx, Account? person, ResetCase closed, CaseRequest request, DateTimeOffset now)
    {
        if (person is not null) await ToPerson(tx, person, closed, request, now);
        await ToRequester(tx, closed.State switch
        {
            CaseState.Done => "requester_done",
            CaseState.Declined => "requester_declined",
            CaseState.Stopped => "requester_stopped",
            _ => "requester_ended",
        }, closed, request, now);
        if (closed.State != CaseState.Stopped) return;
        foreach (var one in await AccountTable.ListOperators(tx))
        {
            if (one.Id != closed.AccountId && one.Id != closed.RequestedBy && one.Id != closed.ClosedBy) await Tell(tx, one, "operator_stopped", closed, request, now, open: true);
        }
    }

    private async Task ToPerson(WriteTx tx, Account person, ResetCase closed, CaseRequest request, DateTimeOffset now)
    {
        var text = Text.For(person.Language);
        // Whoever turned two-factor off has had a letter that says so.
        if (closed.State == CaseState.Overtaken) return;
        if (closed.State != CaseState.Done) await Tell(tx, person, closed.State == CaseState.Stopped ? "stopped" : "not_done", closed, request, now);
        else await outbox.Enqueue(tx, "two_factor_reset", person.Id, TwoFactorResetLetter.Build(settings.Product, text, person.Email, person.FirstName, LetterTime.Format(text, now, person.TimeZone),
            await MakeNotMeLink.Run(tx, person, settings.Server, text, now)), now);
    }

    private async Task ToPerson(WriteTx tx, Account person, string kind, ResetCase about, CaseRequest request, CaseDecision? decision, SecretToken stop, DateTimeOffset now)
    {
        var text = Text.For(person.Language);
        var facts = Facts(person, text, about, request) with { Reason = request.Reason.ReplaceLineEndings(" "), CheckedBy = decision is null ? null : text[$"reset_case.way.{decision.Way}.done"] };
        await outbox.Enqueue(tx, $"reset_case_{kind}", person.Id, ResetCaseLetter.Build(settings.Product, text, kind, facts, stop: settings.Server.LinkTo($"/stop-reset?token={stop.Reveal()}")), now);
    }

    private async Task ToRequester(WriteTx tx, string kind, ResetCase about, CaseRequest request, DateTimeOffset now)
    {
        if (await AccountTable.ById(tx, about.RequestedBy) is { } requester && requester.Id != about.ClosedBy) await Tell(tx, requester, kind, about, request, now);
    }

    private async Task Tell(WriteTx tx, Account to, string kind, ResetCase about, CaseRequest request, DateTimeOffset now, bool open = false)
    {
        var text = Text.For(to.Language);
        await outbox.Enqueue(tx, $"reset_case_{kind}", to.Id, ResetCaseLetter.Build(settings.Product, text, kind, Facts(to, text, about, request), open: open ? settings.Server.LinkTo($"/operator/cases/{about.Id}") : null), now);
    }

    private static ResetCaseFacts Facts(Account to, Text text, ResetCase about, CaseRequest request) => new(to.Email, to.FirstName, about.Label, request.Person, request.By, CaseWords.Role(request.Role, text), request.Workspace)
    {
        Effect = about.State == CaseState.Waiting ? LetterTime.Format(text, about.WaitsUntil!.Value, to.TimeZone) : null,
    };
}
