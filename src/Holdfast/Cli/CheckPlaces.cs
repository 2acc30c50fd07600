using Holdfast.Configuration;
using Holdfast.Features.Places;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Can the file of places be read, is it one, and is it young enough: networks change hands every week.</summary>
internal static class CheckPlaces
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(60);

    internal static Finding Run(HoldfastSettings settings, TimeProvider clock)
    {
        var t = CommandLine.T;
        if (settings.GeoIp.DatabasePath is not { } path) return new(Tone.Good, "places", t["cli.doctor.places.none"]);
        var (problem, metadata) = PlaceFile.Examine(Path.GetFullPath(path));
        if (problem is not null) return new(Tone.Bad, "places", t["cli.doctor.places.bad", path, problem]);
        if (metadata!.BuiltAt is not { } built) return new(Tone.Odd, "places", t["cli.doctor.places.undated", metadata.Kind, path]);
        var age = clock.GetUtcNow() - built;
        return age > Old
            ? new(Tone.Odd, "places", t["cli.doctor.places.old", metadata.Kind, Moments.Machine(built)[..10], (int)age.TotalDays, path])
            : new(Tone.Good, "places", t["cli.doctor.places.good", metadata.Kind, Moments.Machine(built)[..10], path]);
    }
}
