using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Mail;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.NotMe;

/// <summary>A new link "This wasn't me" for a letter about something that has just happened.</summary>
public static class MakeNotMeLink
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    public static async Task<NotMeLink> Run(WriteTx tx, Account account, ServerSettings server, Text text, DateTimeOffset now)
    {
        var token = await LinkTable.Make(tx, account.Id, LinkPurpose.NotMe, now, Lifetime, Link.MarkOf(MailAddressShape.Canonical(account.Email)));
        return new NotMeLink(server.LinkTo($"/not-me?token={token.Reveal()}"), text["letter.lifetime.days", Lifetime.Days]);
    }
}
