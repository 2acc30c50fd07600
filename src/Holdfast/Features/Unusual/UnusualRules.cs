using System.Globalization;
using Holdfast.Features.Places;

namespace Holdfast.Features.Unusual;

/// <summary>What is known at the moment of a sign-in.</summary>
/// <param name="Failures">Wrong passwords and wrong second steps since the last sign-in, within <see cref="GuessedRule.Window"/>.</param>
/// <param name="NewBrowser">The account was not used from this browser before.</param>
/// <param name="NewCountry">Nor from this country, and from another one it was.</param>
/// <param name="Where">The place of this sign-in.</param>
/// <param name="Before">The place of the sign-in before; null when there was none.</param>
public sealed record SignInSeen(DateTimeOffset At, int Failures, bool NewBrowser, bool NewCountry, Place Where, SignInBefore? Before);

/// <param name="At">When.</param>
public sealed record SignInBefore(DateTimeOffset At, Place Where);

/// <summary>Something that a rule found.</summary>
/// <param name="Kind">One of <see cref="UnusualKind"/>.</param>
/// <param name="Severity">One of <see cref="Unusual.Severity"/>.</param>
/// <param name="Facts">Names and numbers that the words need.</param>
public sealed record Finding(string Kind, string Severity, IReadOnlyDictionary<string, string> Facts);

/// <summary>Looks at one sign-in. Rules only: no I/O, and the time comes from outside.</summary>
public interface IUnusualRule
{
    /// <returns>Null when there is nothing unusual about it.</returns>
    Finding? Look(SignInSeen seen);
}

/// <summary>
/// Many failures, and then a success: somebody may have guessed. From <see cref="Least"/> failures within <see cref="Window"/> before the sign-in; of high severity in a browser that is new to the account.
/// False alarms: somebody who has just changed the password and types the old one, or a phone that keeps the wrong one.
/// </summary>
public sealed class GuessedRule : IUnusualRule
{
    public const int Least = 5;

    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    public Finding? Look(SignInSeen seen) => seen.Failures < Least ? null : new Finding(UnusualKind.Guessed, seen.NewBrowser ? Severity.High : Severity.Medium, new Dictionary<string, string> { ["failures"] = seen.Failures.ToString(CultureInfo.InvariantCulture) });
}

/// <summary>
/// A country from which the account was never used, once there is another one. Of medium severity in a new browser, else low. False alarms: journeys, a network of the company or a phone abroad, a VPN, a file of places that is old.
/// </summary>
public sealed class NewCountryRule : IUnusualRule
{
    public Finding? Look(SignInSeen seen) => seen is { NewCountry: true, Where: { Country: { } country, CountryCode: var code } } ? new Finding(UnusualKind.NewCountry, seen.NewBrowser ? Severity.Medium : Severity.Low, new Dictionary<string, string> { ["country"] = country, ["code"] = code ?? "" }) : null;
}

/// <summary>
/// Two sign-ins too far apart for the time between: more than <see cref="LeastKm"/> km, the uncertainty of both places taken off, and faster than <see cref="FastestKmH"/> km/h, which is faster than an airliner. Of high severity in a new
/// browser, else medium. False alarms: a VPN that was turned on or off, a phone that leaves the network at its home country, two people with one account.
/// </summary>
public sealed class TooFarRule : IUnusualRule
{
    public const int LeastKm = 500;
    public const int FastestKmH = 1000;

    /// <summary>Where the file of places does not say how sure it is: a country, more or less.</summary>
    private const int UnknownAccuracyKm = 200;

    public Finding? Look(SignInSeen seen)
    {
        if (seen.Before is not { Where: { Latitude: { } fromLatitude, Longitude: { } fromLongitude } from } before || seen.Where is not { Latitude: { } latitude, Longitude: { } longitude }) return null;
        var sure = DistanceKm(fromLatitude, fromLongitude, latitude, longitude) - (from.AccuracyKm ?? UnknownAccuracyKm) - (seen.Where.AccuracyKm ?? UnknownAccuracyKm);
        // A clock that was set back makes the time between no longer than it was.
        var hours = (seen.At - before.At).Duration().TotalHours;
        if (sure <= LeastKm || sure <= hours * FastestKmH) return null;
        var facts = new Dictionary<string, string> { ["km"] = (Math.Round(sure / 100) * 100).ToString(CultureInfo.InvariantCulture), ["minutes"] = Math.Ceiling(hours * 60).ToString(CultureInfo.InvariantCulture) };
        if (from.CityAndCountry is { } place) facts["from"] = place;
        return new Finding(UnusualKind.TooFar, seen.NewBrowser ? Severity.High : Severity.Medium, facts);
    }

    /// <summary>Along the surface of a sphere of the earth's mean radius (haversine).</summary>
    internal static double DistanceKm(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        const double Radius = 6371.0;
        var (a, b) = (double.DegreesToRadians(latitude2 - latitude1) / 2, double.DegreesToRadians(longitude2 - longitude1) / 2);
        var h = Math.Pow(Math.Sin(a), 2) + Math.Cos(double.DegreesToRadians(latitude1)) * Math.Cos(double.DegreesToRadians(latitude2)) * Math.Pow(Math.Sin(b), 2);
        return 2 * Radius * Math.Asin(Math.Min(1, Math.Sqrt(h)));
    }
}

/// <summary>What is known when a key for programs comes from a network that is new to it.</summary>
/// <param name="Name">Of the key.</param>
/// <param name="Known">How many networks it came from before.</param>
/// <param name="ToldAt">When the last new one was reported; null when none was.</param>
public sealed record KeyUseSeen(DateTimeOffset At, string Name, int Known, DateTimeOffset? ToldAt);

/// <summary>
/// A key used from a network (the /24 of IPv4, the /48 of IPv6) that is new to it, once there is another one: somebody may have a copy. Of medium severity, and said once a day for each key. False alarms: a provider that moved the program,
/// functions that run wherever there is room. A key that came from <see cref="MostKnown"/> networks is at home everywhere: nothing is said of it any more.
/// </summary>
public static class KeyNetworkRule
{
    public const int MostKnown = 50;

    public static readonly TimeSpan Quiet = TimeSpan.FromDays(1);

    /// <returns>Null when there is nothing unusual about it.</returns>
    public static Finding? Look(KeyUseSeen seen) => seen.Known is 0 or >= MostKnown || (seen.At - seen.ToldAt)?.Duration() < Quiet ? null
        : new Finding(UnusualKind.KeyNetwork, Severity.Medium, new Dictionary<string, string> { ["key"] = seen.Name });
}

public static class UnusualRules
{
    /// <summary>Looked at with every sign-in, the strongest first.</summary>
    public static readonly IReadOnlyList<IUnusualRule> AtSignIn = [new GuessedRule(), new TooFarRule(), new NewCountryRule()];

    /// <returns>What is unusual. A country that is new because it is too far away is said once.</returns>
    public static IReadOnlyList<Finding> Look(SignInSeen seen)
    {
        List<Finding> found = [.. AtSignIn.Select(rule => rule.Look(seen)).OfType<Finding>()];
        if (found.Any(f => f.Kind == UnusualKind.TooFar)) found.RemoveAll(f => f.Kind == UnusualKind.NewCountry);
        return found;
    }
}
