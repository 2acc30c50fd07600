namespace Holdfast.Features.Places;

/// <summary>Looks after the file of places while the server runs, and says in the log what it finds: one line for each file that comes.</summary>
public sealed class WatchPlaces(PlaceFile file, ILogger<WatchPlaces> logger)
{
    /// <summary>Between two looks. A new file is in use after two of them.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public Task Look(CancellationToken stop)
    {
        if (file.Look() is not { } news) return Task.CompletedTask;
        if (news.Problem is null) logger.LogInformation("{Key}: {Path} was replaced; places come from {Kind}, built {BuiltAt:yyyy-MM-dd}", PlaceFile.Key, file.Path, news.Metadata!.Kind, news.Metadata.BuiltAt);
        else logger.LogError("{Key}: {Path} {Problem}. The file that was opened before stays in use", PlaceFile.Key, file.Path, news.Problem);
        return Task.CompletedTask;
    }
}
