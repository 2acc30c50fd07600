using System.Globalization;

namespace Holdfast.Features.Places;

/// <summary>A part of the sprite's dotted world with a mark in it. One unit is one degree: x = longitude + 180, y = 85 - latitude.</summary>
/// <param name="X">Of the mark.</param>
/// <param name="Radius">Of the area around it within which the place is expected.</param>
/// <param name="Left">Of the part that is shown.</param>
public sealed record PlaceMap(double X, double Y, double Radius, double Left, double Top)
{
    /// <summary>The whole drawing, from 85° north to 60° south.</summary>
    public const double WorldWidth = 360;
    public const double WorldHeight = 145;

    /// <summary>Two thirds of the world: enough of it to see where one is, near enough on a phone to tell a country.</summary>
    public const double Width = 240;
    public const double Height = 84;

    /// <summary>How far the edge stays away from the mark.</summary>
    private const double Edge = 3;

    private const double KmPerDegree = 111.2;

    /// <returns>Null where there is nothing to draw: no coordinates, or nearer to a pole than the drawing goes.</returns>
    public static PlaceMap? Of(Place place)
    {
        if (place.Latitude is not { } latitude || place.Longitude is not { } longitude) return null;
        var (x, y) = (longitude + 180, 85 - latitude);
        if (y is < Edge or > WorldHeight - Edge) return null;
        var radius = Math.Clamp((place.AccuracyKm ?? 100) / KmPerDegree, 5, 12);
        return new PlaceMap(x, y, radius, Math.Clamp(x - (Width / 2), 0, WorldWidth - Width), Math.Clamp(y - (Height / 2), 0, WorldHeight - Height));
    }

    /// <summary>As SVG writes numbers.</summary>
    public static string Number(double number) => Math.Round(number, 2).ToString(CultureInfo.InvariantCulture);

    public string ViewBox => string.Join(' ', Number(Left), Number(Top), Number(Width), Number(Height));
}
