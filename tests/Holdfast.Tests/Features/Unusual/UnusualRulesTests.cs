using Holdfast.Features.Places;
using Holdfast.Features.Unusual;
using Xunit;

namespace Holdfast.Tests.Features.Unusual;

public sealed class UnusualRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Place Lyon = new(PlaceKind.Earth, "Lyon", null, "FR", "France", 45.76, 4.84, 20);
    private static readonly Place Milan = new(PlaceKind.Earth, "Milan", null, "IT", "Italy", 45.46, 9.19, 20);
    private static readonly Place Yokohama = new(PlaceKind.Earth, "Yokohama", null, "JP", "Japan", 35.44, 139.64, 20);
    private static readonly Place Germany = new(PlaceKind.Earth, null, null, "DE", "Germany", 51.3, 9.49, 500);

    private static SignInSeen Seen(Place where, Place? before = null, double hours = 1, int failures = 0, bool newBrowser = false, bool newCountry = false) =>
        new(Noon, failures, newBrowser, newCountry, where, before is null ? null : new SignInBefore(Noon.AddHours(-hours), before));

    private static (string Kind, string Severity)[] Look(SignInSeen seen) => [.. UnusualRules.Look(seen).Select(f => (f.Kind, f.Severity))];

    [Fact]
    public void An_ordinary_sign_in_is_not_unusual()
    {
        Assert.Empty(Look(Seen(Lyon)));
        Assert.Empty(Look(Seen(Lyon, Lyon, failures: GuessedRule.Least - 1, newBrowser: true)));
        Assert.Empty(Look(Seen(Place.Unknown, Lyon, newBrowser: true)));
    }

    [Fact]
    public void From_five_failures_on_a_success_is_unusual_and_more_so_in_a_new_browser()
    {
        Assert.Equal([(UnusualKind.Guessed, Severity.Medium)], Look(Seen(Lyon, failures: 5)));
        Assert.Equal([(UnusualKind.Guessed, Severity.High)], Look(Seen(Lyon, failures: 5, newBrowser: true)));
        Assert.Equal("5", UnusualRules.Look(Seen(Lyon, failures: 5))[0].Facts["failures"]);
    }

    [Fact]
    public void A_new_country_is_unusual_where_its_name_is_known()
    {
        Assert.Equal([(UnusualKind.NewCountry, Severity.Low)], Look(Seen(Milan, Lyon, newCountry: true)));
        Assert.Equal([(UnusualKind.NewCountry, Severity.Medium)], Look(Seen(Milan, Lyon, newCountry: true, newBrowser: true)));
        Assert.Empty(Look(Seen(Place.Unknown, Lyon, newCountry: true)));
    }

    [Fact]
    public void Nobody_is_in_Lyon_and_an_hour_later_in_Yokohama_but_half_a_day_is_enough()
    {
        // 9,900 km.
        Assert.Equal([(UnusualKind.TooFar, Severity.Medium)], Look(Seen(Yokohama, Lyon, hours: 1, newCountry: true)));
        Assert.Equal([(UnusualKind.TooFar, Severity.High)], Look(Seen(Yokohama, Lyon, hours: 9, newBrowser: true)));
        Assert.Empty(Look(Seen(Yokohama, Lyon, hours: 12)));
        var found = UnusualRules.Look(Seen(Yokohama, Lyon, hours: 1))[0].Facts;
        Assert.Equal(("9900", "60", "Lyon, France"), (found["km"], found["minutes"], found["from"]));
    }

    [Fact]
    public void A_neighbour_is_never_too_far_and_what_the_file_is_not_sure_of_counts_for_the_person()
    {
        // 340 km, within a second.
        Assert.Empty(Look(Seen(Milan, Lyon, hours: 1.0 / 3600)));
        // 700 km, but Germany is somewhere within 500.
        Assert.Empty(Look(Seen(Germany, Lyon, hours: 0)));
        Assert.Empty(Look(Seen(Germany with { AccuracyKm = null }, Lyon, hours: 0)));
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_nobody_faster_than_they_were() => Assert.Empty(Look(Seen(Yokohama, Lyon, hours: -12)));

    [Fact]
    public void Distances_are_those_of_the_globe()
    {
        Assert.InRange(TooFarRule.DistanceKm(45.76, 4.84, 45.46, 9.19), 335, 345);
        Assert.InRange(TooFarRule.DistanceKm(0, 179.5, 0, -179.5), 110, 112);
        Assert.InRange(TooFarRule.DistanceKm(90, 0, -90, 0), 20010, 20020);
        Assert.Equal(0, TooFarRule.DistanceKm(52.5, 13.4, 52.5, 13.4));
    }
}
