using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Outbox;

/// <summary>
/// Letters go out after the commit of what they tell of, at least once, retried with growing waits for days. A mail server that is down is a growing
/// queue and a warning, never an error to the person. The letter is sealed by a key outside the database while it waits, and wiped once it is sent.
/// </summary>
public sealed class SendLetters(Db db, KeyRing keys, IMailTransport transport, TimeProvider clock, HoldfastSettings settings, ILogger<SendLetters> logger)
{
    private const string Purpose = "outbox letter ";

    /// <summary>Longer than any one delivery may take, so that no row is taken twice while it is being sent.</summary>
    private TimeSpan Claim => settings.Mail.Timeout * 2 + TimeSpan.FromMinutes(1);

    public async Task Enqueue(WriteTx tx, string kind, string accountId, Letter letter, DateTimeOffset now)
    {
        var id = Ids.New(now);
        await OutboxTable.Insert(tx, id, accountId, kind, keys.Seal(Purpose + id, JsonSerializer.SerializeToUtf8Bytes(letter, LetterJson.Default.Letter)), now);
        tx.Announce(new Announcement("outbox", ""));
    }

    /// <summary>Sends what is due, oldest first, until nothing is.</summary>
    /// <returns>How many letters were handed over.</returns>
    public async Task<int> SendDue(CancellationToken stop = default)
    {
        var sent = 0;
        while (!stop.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            if (await db.Write(tx => OutboxTable.Claim(tx, now, now + Claim), stop) is not { } row) return sent;
            var delivery = Read(row) is { } letter ? await Try(row, letter, stop) : new Delivery.Never("the letter cannot be opened with the keys of this server");
            if (await Settle(row, delivery)) sent++;
        }
        return sent;
    }

    private Letter? Read(OutboxRow row) =>
        row.Sealed is not null && keys.Open(Purpose + row.Id, row.Sealed) is { } json ? JsonSerializer.Deserialize(json, LetterJson.Default.Letter) : null;

    private async Task<Delivery> Try(OutboxRow row, Letter letter, CancellationToken stop)
    {
        try
        {
            return await transport.Send(letter, row.Id, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new Delivery.Later("the server was stopped");
        }
        catch (Exception error)
        {
            // A letter that we cannot even write down must not hold up the ones behind it.
            logger.LogError(error, "Letter {Id} ({Kind}) could not be handed over", row.Id, row.Kind);
            return new Delivery.Later($"a fault of ours: {error.GetType().Name}");
        }
    }

    private async Task<bool> Settle(OutboxRow row, Delivery delivery)
    {
        var now = clock.GetUtcNow();
        if (delivery is Delivery.Later && now - row.CreatedAt >= settings.Mail.GiveUpAfter) delivery = new Delivery.Never("not delivered within Mail:GiveUpAfter");
        await db.Write(async tx =>
        {
            switch (delivery)
            {
                case Delivery.Accepted: await OutboxTable.Finish(tx, row.Id, now); break;
                case Delivery.Later later: await OutboxTable.Postpone(tx, row.Id, now + Wait(row.Attempts), later.Why); break;
                case Delivery.Never never: await OutboxTable.GiveUp(tx, row.Id, now, never.Why); break;
            }
            return 0;
        });
        if (delivery is Delivery.Later again) logger.LogWarning("Letter {Id} ({Kind}) waits for another try after attempt {Attempt}: {Why}", row.Id, row.Kind, row.Attempts, again.Why);
        if (delivery is Delivery.Never given) logger.LogError("Letter {Id} ({Kind}) was given up after attempt {Attempt}: {Why}", row.Id, row.Kind, row.Attempts, given.Why);
        return delivery is Delivery.Accepted;
    }

    /// <summary>10 s, doubling to an hour.</summary>
    internal static TimeSpan Wait(int attempts) => TimeSpan.FromSeconds(Math.Min(3600, 10 * Math.Pow(2, Math.Min(attempts - 1, 9))));
}

[JsonSerializable(typeof(Letter))]
internal sealed partial class LetterJson : JsonSerializerContext;
