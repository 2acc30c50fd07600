using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.DevMail;

public sealed record MailboxRow
{
    public required string Id { get; init; }

    public byte[] Sealed { get; init; } = [];

    public DateTimeOffset ArrivedAt { get; init; }

    public DateTimeOffset? ReadAt { get; init; }
}

/// <summary>Every statement on the development mailbox.</summary>
public static class MailboxTable
{
    /// <summary>The same message id twice is one letter: the outbox delivers at least once.</summary>
    public static Task Insert(WriteTx tx, string id, byte[] sealedLetter, DateTimeOffset now) =>
        tx.Execute("INSERT INTO mailbox_letters (id, sealed, arrived_at) VALUES (@id, @sealedLetter, @now) ON CONFLICT (id) DO NOTHING", new { id, sealedLetter, now });

    public static Task<List<MailboxRow>> Newest(ReadTx tx, int limit) =>
        tx.Many<MailboxRow>("SELECT id, sealed, arrived_at, read_at FROM mailbox_letters ORDER BY id DESC LIMIT @limit", new { limit });

    public static Task<MailboxRow?> ById(ReadTx tx, string id) =>
        tx.One<MailboxRow>("SELECT id, sealed, arrived_at, read_at FROM mailbox_letters WHERE id = @id", new { id });

    public static Task MarkRead(WriteTx tx, string id, DateTimeOffset now) =>
        tx.Execute("UPDATE mailbox_letters SET read_at = @now WHERE id = @id AND read_at IS NULL", new { id, now });

    public static Task<long> Unread(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM mailbox_letters WHERE read_at IS NULL");

    public static Task Empty(WriteTx tx) => tx.Execute("DELETE FROM mailbox_letters");
}

/// <summary>Letters that would have been sent, for a server without a mail server: kept sealed in the database and shown at <c>/dev/mail</c>.</summary>
public sealed class Mailbox(Db db, KeyRing keys, TimeProvider clock, HoldfastSettings settings) : IMailTransport
{
    private const string Purpose = "mailbox letter ";

    /// <summary>Kept at most; the page shows no more.</summary>
    public const int Shown = 100;

    public async Task<Delivery> Send(Letter letter, string messageId, CancellationToken stop)
    {
        await db.Write(async tx =>
        {
            await MailboxTable.Insert(tx, messageId, keys.Seal(Purpose + messageId, JsonSerializer.SerializeToUtf8Bytes(letter, LetterJson.Default.Letter)), clock.GetUtcNow());
            return 0;
        }, stop);
        return new Delivery.Accepted();
    }

    /// <summary>
    /// Open to whoever sits at this machine and nobody else: no mail server is set, the public address is this machine, the request comes from it, asks for it by its own name
    /// (a foreign site may lead its name here, and read what it is given: DNS rebinding), and no proxy has forwarded it.
    /// </summary>
    public bool IsOpenTo(HttpContext context) =>
        settings.MailboxOnly && settings.Server.PublicUrlIsLoopback
        && context.Connection.RemoteIpAddress is { } ip && System.Net.IPAddress.IsLoopback(ip) && Client.IsThisMachine(context.Request.Host)
        && !context.Request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || name.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase) || name.Equals("Via", StringComparison.OrdinalIgnoreCase));

    public Task<long> Unread() => db.Read(MailboxTable.Unread);

    public async Task<IReadOnlyList<(MailboxRow Row, Letter Letter)>> List()
    {
        var rows = await db.Read(tx => MailboxTable.Newest(tx, Shown));
        return [.. rows.Select(row => (row, Letter: Open(row))).Where(pair => pair.Letter is not null).Select(pair => (pair.row, pair.Letter!))];
    }

    public async Task<(MailboxRow Row, Letter Letter)?> Read(string id)
    {
        var row = await db.Read(tx => MailboxTable.ById(tx, id));
        return row is not null && Open(row) is { } letter ? (row, letter) : null;
    }

    public Task MarkRead(string id) => db.Write(async tx => { await MailboxTable.MarkRead(tx, id, clock.GetUtcNow()); return 0; });

    public Task Empty() => db.Write(async tx => { await MailboxTable.Empty(tx); return 0; });

    private Letter? Open(MailboxRow row) => keys.Open(Purpose + row.Id, row.Sealed) is { } json ? JsonSerializer.Deserialize(json, LetterJson.Default.Letter) : null;
}
