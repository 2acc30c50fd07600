using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Holdfast.Features.Sessions;

/// <summary>Permanent names of what a stream tells.</summary>
public enum StreamNews
{
    /// <summary>The first: whose session it is.</summary>
    Opened,

    /// <summary>A sign of life, for proxies and for the page.</summary>
    Heartbeat,

    /// <summary>The session is over, for a reason.</summary>
    Ended,

    /// <summary>The session has another token now, or is gone altogether: who has the new cookie opens a new stream.</summary>
    Renewed,

    /// <summary>A newer page of the same session took the place.</summary>
    Crowded,
}

/// <summary>
/// Tells an open page when its session is over: revoked here or at another node, run out, or its token renewed. Looking is no use of the session,
/// so a page that lies open does not keep it alive (ASVS 7.3.1, 7.4.1).
/// </summary>
public sealed class WatchSession(CheckSession check, ILogger<WatchSession> logger) : IDisposable
{
    /// <summary>After a broken line to other nodes every stream looks again: so many at a time, or the database would serve nobody else.</summary>
    private readonly SemaphoreSlim _turns = new(4);

    /// <returns>What happens, with the reason for <see cref="StreamNews.Ended"/> (an <see cref="EndReason"/>). It ends after that, and when the stream is closed.</returns>
    public async IAsyncEnumerable<(StreamNews News, string? Reason)> Run(SessionStream stream, [EnumeratorCancellation] CancellationToken gone)
    {
        yield return (StreamNews.Opened, null);
        while (!stream.IsClosed)
        {
            // Also before the first wait: it may have ended between the gate and our place in the list.
            if (await Look(stream, gone) is { SignedIn: null } over)
            {
                yield return over.Over is null ? (StreamNews.Renewed, null) : (StreamNews.Ended, over.WhyOver);
                yield break;
            }
            if (stream.TakeBeat()) yield return (StreamNews.Heartbeat, null);
            await stream.Woken(gone);
        }
        if (stream.GaveWay) yield return (StreamNews.Crowded, null);
    }

    public void Dispose() => _turns.Dispose();

    /// <returns>Null when the database does not answer. A page is not thrown out for that; its requests are refused all the same.</returns>
    private async Task<CheckedSession?> Look(SessionStream stream, CancellationToken gone)
    {
        await _turns.WaitAsync(gone);
        try
        {
            var found = await check.Run(stream.Token, isUse: false).AsTask().WaitAsync(gone);
            stream.IsUnsure = false;
            if (found.SignedIn is { } me) stream.SignedIn = me;
            return found;
        }
        catch (DbException error)
        {
            logger.LogDebug("An open page could not be looked after; soon again. {Problem}", error.Message);
            stream.IsUnsure = true;
            return null;
        }
        finally
        {
            _turns.Release();
        }
    }
}
