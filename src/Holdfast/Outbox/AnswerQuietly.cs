using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Outbox;

/// <summary>
/// What is done in the background about something a stranger asked of an address. The request itself only wrote down that it was asked, so that neither its answer nor its time can tell what there is (ASVS 6.3.8).
/// </summary>
public interface IQuietAnswer
{
    /// <summary>Permanent name of what is asked.</summary>
    string Kind { get; }

    /// <summary>Answers, in the transaction in which the request goes: each is answered once.</summary>
    /// <param name="asked">What was written down, as UTF-8 JSON.</param>
    Task Run(WriteTx tx, byte[] asked, DateTimeOffset now);
}

/// <summary>Writes down what a stranger asks about an address: one statement, the same whoever is asked about.</summary>
public sealed class AskQuietly(KeyRing keys, TimeProvider clock)
{
    /// <summary>Requests that may wait, all kinds together; beyond it people are asked to try again.</summary>
    public const int LongestQueue = 10_000;

    /// <returns>False when too much waits already: refuse with 503.</returns>
    internal async Task<bool> Run(WriteTx tx, string kind, byte[] asked)
    {
        var now = clock.GetUtcNow();
        var id = Ids.New(now);
        return await QuietRequestTable.Insert(tx, id, kind, keys.Seal(Purpose(kind, id), asked), now, LongestQueue);
    }

    /// <summary>The refusal that goes with it.</summary>
    internal static Refusal Busy(string code) => new(code, 503, RetryAfter: TimeSpan.FromMinutes(1));

    internal static string Purpose(string kind, string id) => $"{kind} request {id}";
}

/// <summary>
/// Answers what strangers asked. The request goes in the same transaction, so that each is answered once, whoever dies over it and however many nodes there are.
/// </summary>
public sealed class AnswerQuietly(Db db, KeyRing keys, IEnumerable<IQuietAnswer> answers, TimeProvider clock, ILogger<AnswerQuietly> logger)
{
    /// <summary>How often it looks. Requests wake nobody: what is done about them shall not be felt by whoever asks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Longer than one takes, so that nobody else takes it up meanwhile.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, IQuietAnswer> _answers = answers.ToDictionary(answer => answer.Kind, StringComparer.Ordinal);

    /// <summary>Answers what waits, oldest first, until nothing does. One that fails waits for its next try and holds up nobody.</summary>
    public async Task RunDue(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            // Looking first: a writer's turn each second for nothing would be too much.
            if (!await db.Read(tx => QuietRequestTable.AnyDue(tx, now), stop) || await db.Write(tx => QuietRequestTable.Claim(tx, now, Lease), stop) is not { } row) return;
            try
            {
                await Answer(row);
            }
            catch (Exception error)
            {
                // The row's id, and never whom it is about: somebody asked, who may have no account.
                logger.LogError(error, "Request {Id} ({Kind}) waits for another try after attempt {Attempt}", row.Id, row.Kind, row.Attempts);
            }
        }
    }

    private async Task Answer(QuietRequestRow row)
    {
        var asked = keys.Open(AskQuietly.Purpose(row.Kind, row.Id), row.Sealed);
        if (asked is null) logger.LogError("Request {Id} ({Kind}) cannot be opened with the keys of this server, and is dropped", row.Id, row.Kind);
        await db.Write(async tx =>
        {
            if (await QuietRequestTable.Finish(tx, row) && asked is not null) await _answers[row.Kind].Run(tx, asked, clock.GetUtcNow());
            return Done.It;
        });
    }
}
