using Holdfast.Features.Demo;

namespace Holdfast.Tests.Support;

/// <summary>
/// The file of places that the example shows (<c>src/Holdfast/Features/Demo/places.mmdb</c>): everybody is at home in a city of their time zone. It is made again, after a change here, by
/// <c>HOLDFAST_WRITE_EXAMPLE=$PWD/src/Holdfast/Features/Demo/places.mmdb tests/…/Holdfast.Tests -method '*The_example_s_file_is_what_its_list_says*'</c>.
/// </summary>
public static class ExamplePlaces
{
    private sealed record City(string Name, string Italian, string Code, string Country, double Latitude, double Longitude, ushort Accuracy = 20);

    private static readonly Dictionary<string, City> ByZone = new()
    {
        ["Africa/Accra"] = new("Accra", "Accra", "GH", "Ghana", 5.56, -0.2),
        ["Africa/Dakar"] = new("Dakar", "Dakar", "SN", "Senegal", 14.69, -17.45),
        ["Africa/Lagos"] = new("Lagos", "Lagos", "NG", "Nigeria", 6.45, 3.39),
        ["America/Sao_Paulo"] = new("Curitiba", "Curitiba", "BR", "Brazil", -25.43, -49.27),
        ["Asia/Beirut"] = new("Beirut", "Beirut", "LB", "Lebanon", 33.89, 35.5),
        ["Asia/Kolkata"] = new("Pune", "Pune", "IN", "India", 18.52, 73.86),
        ["Asia/Singapore"] = new("Singapore", "Singapore", "SG", "Singapore", 1.29, 103.85, 10),
        ["Asia/Tokyo"] = new("Yokohama", "Yokohama", "JP", "Japan", 35.44, 139.64),
        ["Europe/Amsterdam"] = new("Utrecht", "Utrecht", "NL", "Netherlands", 52.09, 5.12),
        ["Europe/Athens"] = new("Thessaloniki", "Salonicco", "GR", "Greece", 40.64, 22.94),
        ["Europe/Berlin"] = new("Berlin", "Berlino", "DE", "Germany", 52.52, 13.4),
        ["Europe/Bucharest"] = new("Cluj-Napoca", "Cluj-Napoca", "RO", "Romania", 46.77, 23.6),
        ["Europe/Budapest"] = new("Budapest", "Budapest", "HU", "Hungary", 47.5, 19.04),
        ["Europe/Copenhagen"] = new("Aarhus", "Aarhus", "DK", "Denmark", 56.16, 10.2),
        ["Europe/Dublin"] = new("Cork", "Cork", "IE", "Ireland", 51.9, -8.47),
        ["Europe/Helsinki"] = new("Tampere", "Tampere", "FI", "Finland", 61.5, 23.76),
        ["Europe/Lisbon"] = new("Porto", "Porto", "PT", "Portugal", 41.15, -8.61),
        ["Europe/London"] = new("Bristol", "Bristol", "GB", "United Kingdom", 51.45, -2.59),
        ["Europe/Madrid"] = new("Valencia", "Valencia", "ES", "Spain", 39.47, -0.38),
        ["Europe/Oslo"] = new("Bergen", "Bergen", "NO", "Norway", 60.39, 5.32),
        ["Europe/Paris"] = new("Lyon", "Lione", "FR", "France", 45.76, 4.84),
        ["Europe/Prague"] = new("Brno", "Brno", "CZ", "Czechia", 49.2, 16.61),
        ["Europe/Rome"] = new("Milan", "Milano", "IT", "Italy", 45.46, 9.19),
        ["Europe/Sofia"] = new("Plovdiv", "Filippopoli", "BG", "Bulgaria", 42.14, 24.75),
        ["Europe/Stockholm"] = new("Stockholm", "Stoccolma", "SE", "Sweden", 59.33, 18.07),
        ["Europe/Warsaw"] = new("Gdańsk", "Danzica", "PL", "Poland", 54.35, 18.65),
        ["Europe/Zurich"] = new("Basel", "Basilea", "CH", "Switzerland", 47.56, 7.59),
    };

    public static byte[] Build()
    {
        var writer = new MmdbWriter { Aliases = true, Kind = "Holdfast-Example-City", BuiltAt = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero) };
        for (var person = 0; person < DemoPeople.All.Count; person++)
        {
            var home = Record(ByZone[DemoPeople.All[person].Zone]);
            writer.Add($"203.0.113.{10 + person}/32", home).Add($"2001:db8:{person + 1:x}::/48", home);
        }
        // Whom the example is shown as travels; whoever guesses at passwords sits far away; of what is left only the country is known.
        writer.Add("203.0.113.201/32", Record(ByZone["Europe/Paris"])).Add("2001:db8:1::/48", Record(ByZone["Europe/Rome"])).Add("198.51.100.77/32", Record(new("Halifax", "Halifax", "CA", "Canada", 44.65, -63.57, 200)));
        writer.Add("203.0.113.0/24", MmdbWriter.City(null, "DE", "Germany", 51.3, 9.49, 500)).Add("2001:db8::/32", MmdbWriter.City(null, "IT", "Italy", 42.8, 12.8, 500));
        return writer.Build();
    }

    private static Dictionary<string, object> Record(City city) => MmdbWriter.City(city.Name, city.Code, city.Country, city.Latitude, city.Longitude, city.Accuracy, ("it", city.Italian));
}
