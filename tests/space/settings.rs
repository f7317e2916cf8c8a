use nasproof::{
    cost::normalisation::Grouping,
    space::{Image, Settings, SettingsError, Space, SpaceName},
};

#[test]
fn names_are_read_and_written() {
    for name in SpaceName::ALL {
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_eq!(serde_json::to_string(&name).unwrap(), format!("\"{name}\""));
    }
    let message = "dart".parse::<SpaceName>().unwrap_err().to_string();
    assert!(message.contains("did you mean `darts`?") && message.contains("1shot1-3"), "{message}");
    let message = "resnet".parse::<SpaceName>().unwrap_err().to_string();
    assert!(!message.contains("did you mean") && message.contains("darts, nb201"), "{message}");
}

fn refusal(name: SpaceName, change: impl FnOnce(&mut Settings)) -> SettingsError {
    let mut settings = Settings::published(name);
    change(&mut settings);
    Space::new(name, settings).unwrap_err()
}

#[test]
fn what_makes_no_network_is_refused_with_a_remedy() {
    let too_small = |e: SettingsError| matches!(e, SettingsError::TooSmall { .. });
    assert!(too_small(refusal(SpaceName::Darts, |s| s.channels = 0)));
    assert!(too_small(refusal(SpaceName::Nb201, |s| s.cells = 0)));
    assert!(too_small(refusal(SpaceName::S1, |s| s.classes = 1)));
    assert!(too_small(refusal(SpaceName::S1, |s| s.partial = 0)));
    assert!(too_small(refusal(SpaceName::Minimal, |s| s.image = Image { channels: 1, height: 0, width: 8 })));
    for epsilon in [-1e-5, f64::NAN, f64::INFINITY] {
        assert!(matches!(refusal(SpaceName::Minimal, |s| s.epsilon = epsilon), SettingsError::Epsilon(_)));
    }
    let error = refusal(SpaceName::Darts, |s| s.partial = 3);
    assert_eq!(error, SettingsError::PartialChannels { channels: 16, partial: 3, suggestion: 18 });
    let error = refusal(SpaceName::Darts, |s| (s.partial, s.grouping) = (4, Grouping::Group(3)));
    assert_eq!(error, SettingsError::Groups { groups: 3, channels: 4 });
    let error = refusal(SpaceName::OneShot1, |s| s.partial = 3);
    assert_eq!(error, SettingsError::PartialChannels { channels: 16, partial: 3, suggestion: 18 });
    assert!(matches!(refusal(SpaceName::Nb201, |s| s.stem_multiplier = 3), SettingsError::Meaningless { .. }));
    assert!(matches!(refusal(SpaceName::Darts, |s| s.convolution_bias = true), SettingsError::Meaningless { .. }));
    let error = refusal(SpaceName::Darts, |s| s.image.height = 30);
    assert!(error.to_string().contains("32×32"), "{error}");
    assert!(matches!(error, SettingsError::ImageSize { halvings: 2, factor: 4, .. }));
    // Without reductions, or with padding before the halving, any size will do.
    let odd = Settings { image: Image { channels: 1, height: 7, width: 5 }, ..Settings::published(SpaceName::Minimal) };
    assert!(Space::new(SpaceName::Minimal, odd.clone()).is_ok());
    assert!(Space::new(SpaceName::OneShot1, Settings { stem_multiplier: 1, ..odd }).is_ok());
}

#[test]
fn settings_survive_a_file() {
    for name in SpaceName::ALL {
        let settings = Settings::published(name);
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }
    assert!(serde_json::from_str::<Settings>("{\"chanels\": 16}").is_err());
}
