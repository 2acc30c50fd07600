using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.Webhooks;

/// <summary>Tells operators that an endpoint has failed for a day. It is never switched off by itself: whoever relies on it would not notice.</summary>
public sealed class WebhookLetters(SendLetters outbox, HoldfastSettings settings)
{
    public async Task Failing(WriteTx tx, WebhookEndpoint endpoint, DateTimeOffset now)
    {
        foreach (var one in await AccountTable.ListOperators(tx))
        {
            var text = Text.For(one.Language);
            var facts = new (string, string?)[] { (text["letter.webhook_failing.since"], LetterTime.Format(text, endpoint.FailingSince ?? now, one.TimeZone)), (text["letter.webhook_failing.answer"], WebhookWords.Answer(endpoint.LastStatus, endpoint.LastProblem)) };
            await outbox.Enqueue(tx, "webhook_failing", one.Id, WebhookFailingLetter.Build(settings.Product, text, one.Email, one.FirstName, endpoint.Name, facts, (int)settings.Webhooks.TryFor.TotalDays, settings.Server.LinkTo($"{WebhooksPage.Address}/{endpoint.Id}")), now);
        }
    }
}
